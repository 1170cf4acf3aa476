/** Adds up what test runners say of themselves. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Mocha's closing lines (`12 passing (3s)`, `1 pending`, `2 failing`) as counts. */
export function mochaCounts(output: string): Counts {
  const count = (word: string): number => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(output)?.[1] ?? 0);
  return { passed: count('passing'), failed: count('failing'), skipped: count('pending') };
}
