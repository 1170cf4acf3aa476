/**
 * A mark on disk while something is tried that a fault of the JavaScript engine could end the whole process by. Where the
 * mark of a process that is no more is found, the same is not tried again with the same engine.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const mark = (pid: number): string => JSON.stringify({ v8: process.versions.v8, pid });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether a process of this engine left its mark and ended. */
function endedAnother(file: string): boolean {
  try {
    const { v8, pid } = JSON.parse(readFileSync(file, 'utf8')) as { v8?: unknown; pid?: unknown };
    return v8 === process.versions.v8 && typeof pid === 'number' && pid !== process.pid && !isAlive(pid);
  } catch {
    return false;
  }
}

/**
 * @param file of the mark; without one, or where it cannot be written, `risky` runs unguarded
 * @returns what `risky` does, or `safe` where `risky` ended a process before
 */
export function guarded<T>(file: string | undefined, risky: () => T, safe: () => T): T {
  if (file === undefined) return risky();
  if (endedAnother(file)) return safe();
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, mark(process.pid));
  } catch {
    return risky();
  }
  try {
    return risky();
  } finally {
    rmSync(file, { force: true });
  }
}
