/** A process of the fuzzer: reads cases one after another, and says of each that it could, how long, in how much memory. */
import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { caseOf, loadFormats, readCase, type Outcome } from './cases';

export interface Job {
  readonly format: string;
  readonly seed: number;
  /** Cases [from, to). */
  readonly from: number;
  readonly to: number;
  /** File in which the case in hand is noted, for the day on which it never ends. */
  readonly progress: string;
}

export interface Failure {
  readonly format: string;
  readonly index: number;
  readonly what: string;
}

export interface Report {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly failures: readonly Failure[];
  /** The longest case in milliseconds, and the most bytes that one took beyond those it started with. */
  readonly slowest: number;
  readonly largest: number;
}

export const LIMIT_MS = 2000;
const MiB = 2 ** 20;
export const memoryLimit = (bytes: number): number => 4 * bytes + 64 * MiB;

const SELF = '/proc/self';

/** The process's largest resident size since the last call of this with `reset`, and the size now; Linux keeps both. */
function resident(reset: boolean): { peak: number; now: number } {
  try {
    if (reset) writeFileSync(`${SELF}/clear_refs`, '5');
    const status = readFileSync(`${SELF}/status`, 'latin1');
    const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`, 'u').exec(status)?.[1] ?? 0);
    return { peak: kilobytes('VmHWM') * 1024, now: kilobytes('VmRSS') * 1024 };
  } catch {
    // Elsewhere the largest of all time, which only shows a new record.
    const peak = process.resourceUsage().maxRSS * 1024;
    return { peak, now: peak };
  }
}

async function run({ format: name, seed, from, to, progress }: Job): Promise<Report> {
  const [format] = await loadFormats(name);
  if (format === undefined) throw new Error(`There is no format ${name}.`);
  const outcomes: Record<Outcome, number> = { read: 0, 'model-damaged': 0, 'model-unsupported': 0 };
  const failures: Failure[] = [];
  const note = openSync(progress, 'w');
  let [slowest, largest] = [0, 0];
  for (let index = from; index < to; index++) {
    const made = caseOf(format, seed, index);
    writeSync(note, String(index).padStart(12), 0);
    const { now: before } = resident(true);
    const start = performance.now();
    const wrong = (what: string): number => failures.push({ format: name, index, what });
    try {
      outcomes[readCase(made)]++;
    } catch (error) {
      wrong(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const spent = performance.now() - start;
    const taken = resident(false).peak - before;
    slowest = Math.max(slowest, spent);
    largest = Math.max(largest, taken);
    if (spent > LIMIT_MS) wrong(`took ${String(Math.round(spent))} ms`);
    if (taken > memoryLimit(made.bytes.length)) {
      wrong(`took ${String(Math.round(taken / MiB))} MiB for ${String(made.bytes.length)} bytes`);
    }
  }
  return { outcomes, failures, slowest, largest };
}

process.on('message', (job: Job) => {
  void run(job).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
