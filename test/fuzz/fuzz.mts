/**
 * `npm run fuzz [-- --count N --seed S --format F]`: reads N broken files (100,000) over all formats, in processes that
 * are watched. Each must end within 2 s, in memory of at most four times the file and 64 MiB, with a model or a refusal
 * that has a name. Prints one line of JSON; failing files are left in test-results/fuzz/.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseOf, loadFormats } from './cases';
import { LIMIT_MS, type Failure, type Job, type Report } from './child.mjs';

const RESULTS = 'test-results/fuzz';
const PROCESSES = 2;
/** Cases between two reports. */
const BATCH = 1000;
/** How long one case may stand before its process is ended: what is slower than the limit for itself says so. */
const PATIENCE_MS = 5 * LIMIT_MS;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!(count > 0) || !Number.isInteger(seed)) throw new Error('--count is a number above 0, --seed a whole number.');

const scratch = mkdtempSync(join(tmpdir(), 'gatescope-fuzz-'));

/** One process, started anew when it was ended. */
class Runner {
  private child: ChildProcess | undefined;
  private readonly progress: string;

  constructor(id: number) {
    this.progress = join(scratch, `progress-${String(id)}`);
  }

  private start(): ChildProcess {
    const child = fork(fileURLToPath(new URL('./child.mts', import.meta.url)), {
      execArgv: ['--import', 'tsx', '--max-old-space-size=512'],
    });
    this.child = child;
    return child;
  }

  /** @returns the report, or where the process stood when it ended or was ended */
  run(work: Omit<Job, 'progress'>): Promise<Report | { readonly stood: number; readonly what: string }> {
    const child = this.child ?? this.start();
    writeFileSync(this.progress, '');
    return new Promise((resolve) => {
      let [last, since, what] = ['', Date.now(), 'ended its process'];
      const watch = setInterval(() => {
        const now = readFileSync(this.progress, 'latin1');
        if (now !== last) [last, since] = [now, Date.now()];
        // Before the first case it loads its sources.
        else if (last !== '' && Date.now() - since > PATIENCE_MS) {
          what = `stood for ${String(PATIENCE_MS)} ms`;
          child.kill('SIGKILL');
        }
      }, 200);
      const onExit = (): void => {
        this.child = undefined;
        done({ stood: Number(readFileSync(this.progress, 'latin1') || work.from), what });
      };
      const done = (result: Report | { stood: number; what: string }): void => {
        clearInterval(watch);
        child.removeAllListeners('message');
        child.removeListener('exit', onExit);
        resolve(result);
      };
      child.once('message', done as (message: unknown) => void);
      child.once('exit', onExit);
      child.send({ ...work, progress: this.progress } satisfies Job);
    });
  }

  close(): void {
    this.child?.kill();
  }
}

interface Totals {
  files: number;
  outcomes: Record<string, number>;
  slowest: number;
  largest: number;
  failures: Failure[];
}

const totals: Totals = { files: 0, outcomes: {}, slowest: 0, largest: 0, failures: [] };
const formats = await loadFormats(values.format);
const jobs = formats.flatMap(({ name }, place) => {
  const share = Math.floor(count / formats.length) + (place < count % formats.length ? 1 : 0);
  return Array.from({ length: Math.ceil(share / BATCH) }, (_, k) => {
    return { format: name, seed, from: k * BATCH, to: Math.min(share, (k + 1) * BATCH) };
  });
});

async function work(runner: Runner): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    const result = await runner.run(job);
    if ('stood' in result) {
      totals.failures.push({ format: job.format, index: result.stood, what: result.what });
      totals.files += result.stood + 1 - job.from;
      if (result.stood + 1 < job.to) jobs.unshift({ ...job, from: result.stood + 1 });
      continue;
    }
    totals.files += job.to - job.from;
    for (const [outcome, number] of Object.entries(result.outcomes)) {
      totals.outcomes[outcome] = (totals.outcomes[outcome] ?? 0) + number;
    }
    totals.slowest = Math.max(totals.slowest, result.slowest);
    totals.largest = Math.max(totals.largest, result.largest);
    totals.failures.push(...result.failures);
  }
}

/** A machine that was busy makes a case slow once; a fault makes it so each time. */
async function confirmed(failure: Failure): Promise<Failure | undefined> {
  const runner = new Runner(PROCESSES);
  const { format, index } = failure;
  const result = await runner.run({ format, seed, from: index, to: index + 1 });
  runner.close();
  if ('stood' in result) return { ...failure, what: result.what };
  return result.failures.at(0);
}

const started = performance.now();
const runners = Array.from({ length: PROCESSES }, (_, id) => new Runner(id));
await Promise.all(runners.map(work));
for (const runner of runners) runner.close();

const failures: Failure[] = [];
for (const failure of totals.failures) {
  const again = await confirmed(failure);
  if (!again) continue;
  failures.push(again);
  const format = formats.find(({ name }) => name === again.format);
  if (!format) continue;
  const { name, bytes } = caseOf(format, seed, again.index);
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${again.format}-${String(seed)}-${String(again.index)}-${basename(name)}`);
  writeFileSync(file, bytes);
  console.error(`${file}: ${again.what}`);
}
rmSync(scratch, { recursive: true });
console.log(
  JSON.stringify({
    files: totals.files,
    seed,
    formats: formats.map(({ name }) => name),
    ...totals.outcomes,
    failures: failures.length,
    slowestMs: Math.round(totals.slowest),
    largestMiB: Math.round(totals.largest / 2 ** 20),
    seconds: Math.round((performance.now() - started) / 1000),
  }),
);
process.exit(failures.length === 0 ? 0 : 1);
