/** Marks on the way from a command to a picture, in the extension host's timeline: for the bench and a profiler. */

/** What has happened; each name keeps its last time, so that marks do not pile up. */
export type Mark = 'command' | 'page' | 'model' | 'text' | 'opened' | 'shown' | 'told' | 'ready';

export function mark(name: Mark): void {
  const full = `gatescope:${name}`;
  performance.clearMarks(full);
  performance.mark(full);
}
