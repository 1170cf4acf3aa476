/** How two things are timed against each other: turn by turn in one run, so that a busy moment hits both. */

interface Measured {
  readonly group: string;
  readonly name: string;
  readonly peer: string;
  readonly must: number;
  readonly aim: number;
  readonly [detail: string]: number | string | boolean;
}

export interface Line extends Measured {
  /** Ours over the peer's: median of the pairs' ratios. */
  readonly ratio: number;
}

export interface Pairs {
  /** Medians in milliseconds. */
  readonly ours: number;
  readonly peer: number;
  /** Median of ours / peer, pair by pair. */
  readonly ratio: number;
  /** Ratio of the CPU times of all threads: on a busy machine steadier than the clock's. */
  readonly cpu: number;
  /** Ratio of the quickest of each. */
  readonly best: number;
  readonly pairs: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** The least value that at least this share of all is not above. @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

type Work = () => unknown;

interface Time {
  /** Milliseconds by the clock, and of CPU. */
  readonly wall: number;
  readonly cpu: number;
}

async function time(work: Work, rest: number): Promise<Time> {
  if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1000 };
}

/**
 * Rounds of `ours` then `peer`, and the other way about, for `seconds`, five at least; the first two are not counted.
 *
 * @param rest milliseconds before each: where there are several threads, those of the one go on looking out for work for
 *   a while, on the processor that the other needs
 */
export async function pairs(ours: Work, peer: Work, seconds: number, rest = 0): Promise<Pairs> {
  for (let k = 0; k < 2; k++) {
    await ours();
    await peer();
  }
  const times: { ours: Time; peer: Time }[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end || times.length < 5) {
    if (times.length % 2 === 0) {
      const first = await time(ours, rest);
      times.push({ ours: first, peer: await time(peer, rest) });
    } else {
      const first = await time(peer, rest);
      times.push({ ours: await time(ours, rest), peer: first });
    }
  }
  const least = (pick: (t: { ours: Time; peer: Time }) => number): number => Math.min(...times.map(pick));
  return {
    ours: median(times.map((t) => t.ours.wall)),
    peer: median(times.map((t) => t.peer.wall)),
    ratio: median(times.map((t) => t.ours.wall / t.peer.wall)),
    cpu: median(times.map((t) => t.ours.cpu / t.peer.cpu)),
    best: least((t) => t.ours.wall) / least((t) => t.peer.wall),
    pairs: times.length,
  };
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** A line with a figure of its own in place of a ratio; `must` and `aim` hold for it. */
export interface ValueLine extends Measured {
  readonly value: number;
  readonly unit: string;
}

export function print(line: Line | ValueLine): void {
  const entries = Object.entries(line).map(([key, v]) => [key, typeof v === 'number' ? rounded(v) : v]);
  console.log(JSON.stringify(Object.fromEntries(entries)));
}
