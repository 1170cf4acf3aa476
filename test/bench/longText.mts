/**
 * A long text, H = 128, with a head: `time` of a first pass over 10 MB and over 1 MB, peak `memory` of the process, and
 * `windows` of 1,000 tokens anywhere in the long trace, and an `edit` at the middle of 1 MB. By the Trace itself, with the memory that is its default. Each
 * part is a process of its own, so that none inherits the other's heap. `--quick` takes a tenth of both lengths.
 */
import { resolve } from 'node:path';
import { WINDOW_TOKENS } from '../../src/engine/engine';
import { createWasmEngine } from '../../src/engine/wasm';
import { noBreath, type TracedText } from '../../src/text/tracedText';
import { StreamTrace } from '../../src/trace/stream';
import { byteText } from '../../src/text/byteText';
import { editText } from '../../src/text/edit';
import { KernelStore } from '../../src/worker/kernels';
import { randomNetwork, randomTokens, seededRandom } from '../engine/randomNetwork';
import { median, print } from './pairs';

const [part] = process.argv.slice(2);
const MEBIBYTE = 2 ** 20;
const LONG = (process.argv.includes('--quick') ? 1 : 10) * 1_000_000;
const SHORT = LONG / 10;
const TOKENS = 1000;
/** The setting gatescope.memory. */
const MEMORY = 64 * MEBIBYTE;

const { module, options } = await new KernelStore(resolve('dist')).prepare(false);
const engine = createWasmEngine(module, randomNetwork({ seed: 1, cell: 'lstm', units: [128], width: 32 }), options);

function firstPass(tokens: number): { trace: StreamTrace; seconds: number } {
  const trace = new StreamTrace(engine, randomTokens(4, tokens), MEMORY);
  const start = performance.now();
  while (trace.advance());
  return { trace, seconds: (performance.now() - start) / 1000 };
}

/** Largest resident size so far, in bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024;

switch (part) {
  case 'time': {
    firstPass(SHORT);
    const short: number[] = [];
    const long: number[] = [];
    for (let round = 0; round < 2; round++) {
      for (let k = 0; k < 3; k++) short.push(firstPass(SHORT).seconds);
      long.push(firstPass(LONG).seconds);
    }
    for (let k = 0; k < 3; k++) short.push(firstPass(SHORT).seconds);
    const [ours, peer] = [median(long), median(short)];
    const name = `first pass over ${String(LONG / 1e6)} MB, H = 128, over ${String(SHORT / 1e6)} MB`;
    const peers = { peer: 'itself', must: 10.5, aim: 10.1 };
    print({ group: 'trace', name, ...peers, ratio: ours / peer, ours_s: ours, peer_s: peer });
    break;
  }
  case 'memory': {
    globalThis.gc?.();
    const idle = process.memoryUsage.rss();
    const { trace } = firstPass(LONG);
    const more = (peak() - idle) / MEBIBYTE;
    // In MiB here, not a ratio: what the process grew by.
    const name = `peak memory in MiB over idle, ${String(trace.done / 1e6)} MB of text`;
    print({ group: 'trace', name, peer: 'idle', ratio: more, must: 200, aim: 64, idle_mib: idle / MEBIBYTE });
    break;
  }
  case 'edit': {
    const tokens = randomTokens(4, SHORT).map((token) => token & 0x7f);
    let text: TracedText = await byteText(tokens, [], noBreath);
    let trace = new StreamTrace(engine, tokens, MEMORY);
    const begun = performance.now();
    while (trace.advance());
    const whole = performance.now() - begun;
    const times: number[] = [];
    for (let k = 0; k < 21; k++) {
      const middle = text.tokens.length / 2 + 997 * k;
      const start = performance.now();
      text = await editText(text, [{ start: Math.floor(middle), end: Math.floor(middle), text: 'x' }], noBreath);
      trace = trace.edited(text.tokens);
      const first = Math.floor((middle - TOKENS / 2) / WINDOW_TOKENS);
      const last = Math.ceil((middle + TOKENS / 2) / WINDOW_TOKENS);
      while (trace.done < (last + 1) * WINDOW_TOKENS) trace.advance();
      for (let index = first; index <= last; index++) await trace.read(index, () => undefined);
      times.push(performance.now() - start);
      while (trace.state === 'running') trace.advance();
    }
    const name = 'a character inserted at the middle, until the window of 1,000 tokens is right, over a full trace';
    const [ours, peer] = [median(times), whole];
    print({
      group: 'trace',
      name,
      peer: 'itself',
      ratio: ours / peer,
      must: 0.02,
      aim: 0.002,
      ours_ms: ours,
      peer_ms: peer,
    });
    break;
  }
  default: {
    const { trace, seconds } = firstPass(LONG);
    const passed = (seconds / LONG) * TOKENS * 1000;
    const random = seededRandom(5);
    const times: number[] = [];
    for (let k = 0; k < 200; k++) {
      const first = Math.floor((random() * (LONG - TOKENS)) / WINDOW_TOKENS);
      const last = Math.floor((first * WINDOW_TOKENS + TOKENS - 1) / WINDOW_TOKENS);
      const start = performance.now();
      for (let index = first; index <= last; index++) await trace.read(index, () => undefined);
      times.push(performance.now() - start);
    }
    const name = 'any window of 1,000 tokens of a long trace, over 1,000 steps of its first pass';
    const worst = [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? NaN;
    const ours = median(times);
    const limits = { must: 3, aim: 1.2 };
    const details = { p95: worst / passed, ours_ms: ours, peer_ms: passed };
    print({ group: 'trace', name, peer: 'itself', ratio: ours / passed, ...limits, ...details });
  }
}
