/**
 * The cost of a full trace. What is timed of ours is what the first pass of a trace does: for each window of 256 steps,
 * the inputs' copy into WASM memory, their projection, all steps with every signal of every step recorded there, the
 * state's copy out, and the summary by blocks of 8 steps. The records stay in WASM memory, and are overwritten by the
 * next window, as they are in a trace, but for the windows that its cache keeps. Rows that say `engine only` leave out
 * the summary. Peers are timed from their inputs in JavaScript's memory to their output there; they give only hidden
 * states. `must` and `aim` hold for `ratio`, for shares (`at least`) from below.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { WINDOW_TOKENS, type Engine } from '../../../src/engine/engine';
import { instantiateKernels, kernelsFile, type Kernels } from '../../../src/engine/kernels';
import { KernelStore } from '../../../src/worker/kernels';
import type { GruForm, LayerWeights } from '../../../src/engine/network';
import type { CellKind } from '../../../src/shared/signals';
import { createDenseEngine, createWasmEngine } from '../../../src/engine/wasm';
import { Summary } from '../../../src/trace/summary';
import { randomNetwork, randomTokens, seededRandom } from '../../engine/randomNetwork';
import { median, pairs, print } from '../pairs';
import { gateLoop, onnxruntime, torchVersion } from '../peers';

const GROUP = 'trace';
const STEPS = 2000;
const WIDTH = 64;
const UNITS = [64, 128, 256, 512, 1024] as const;
const QUICK = process.argv.includes('--quick');
/** Seconds a row. */
const SECONDS = QUICK ? 1 : 8;
const BLOCK_LEVEL = 3;
/** Milliseconds in which a second thread falls asleep, ours and the peer's. */
const REST = 100;
const MICROSECONDS = 1000;

// As the worker has it: compiled to vectors of 256 bits where this V8 can.
const store = new KernelStore(resolve('dist'));
const { module, options } = await store.prepare(false);

function layerOf(cell: CellKind, units: number, gruForm: GruForm = 'resetAfter'): LayerWeights {
  const [layer] = randomNetwork({ seed: 1, cell, gruForm, units: [units], width: WIDTH, head: 'none' }).layers;
  if (layer === undefined) throw new RangeError('a network without a layer');
  return layer;
}

const random = seededRandom(2);
const inputs = Float32Array.from({ length: STEPS * WIDTH }, () => random() * 2 - 1);

/** By one thread, by two, or by whichever is quicker: what the extension does. */
type Threads = 1 | 2 | 'quicker';

/** One pass over the inputs. @param hidden where to put the hidden states, for a comparison that is not timed */
async function tracer(
  layer: LayerWeights,
  withSummary: boolean,
  threads: Threads = 1,
): Promise<(hidden?: Float32Array) => void> {
  const network = { input: { width: WIDTH }, layers: [layer] };
  const prepared = await store.prepare(threads !== 1);
  const engine = createDenseEngine(prepared.module, network, { ...prepared.options, always: threads === 2 });
  const { width } = engine.layout;
  const { units } = layer;
  return (hidden) => {
    const state = new Float32Array(engine.stateSize);
    const summary = new Summary(width, BLOCK_LEVEL, Math.ceil(STEPS / 2 ** BLOCK_LEVEL));
    for (let from = 0; from < STEPS; from += WINDOW_TOKENS) {
      const to = Math.min(STEPS, from + WINDOW_TOKENS);
      const records = engine.run(inputs.subarray(from * WIDTH, to * WIDTH), state);
      for (let t = from; hidden && t < to; t++) {
        const end = (t - from) * width + engine.layout.columns.reduce((sum, c) => sum + c.units, 0);
        hidden.set(records.subarray(end - units, end), t * units);
      }
      if (withSummary) summary.add(engine, to - from);
    }
    summary.end();
  };
}

/** The same for tokens, each of which is a row of an embedding: its projection is in a table. */
function tokenTracer(units: number): () => void {
  const engine = createWasmEngine(
    module,
    randomNetwork({ seed: 1, cell: 'lstm', units: [units], width: WIDTH, head: 'none' }),
    options,
  );
  const tokens = randomTokens(3, STEPS);
  return () => {
    const state = new Float32Array(engine.stateSize);
    const summary = new Summary(engine.layout.width, BLOCK_LEVEL, Math.ceil(STEPS / 2 ** BLOCK_LEVEL));
    for (let from = 0; from < STEPS; from += WINDOW_TOKENS) {
      const part = tokens.subarray(from, from + WINDOW_TOKENS);
      engine.run(part, state);
      summary.add(engine, part.length);
    }
    summary.end();
  };
}

const perStep = (milliseconds: number): number => (milliseconds / STEPS) * MICROSECONDS;

async function overOnnxruntime(name: string, layer: LayerWeights, threads: 1 | 2 = 1): Promise<void> {
  const peer = await onnxruntime(layer, inputs, threads);
  const trace = await tracer(layer, true, threads);
  const hidden = new Float32Array(STEPS * layer.units);
  trace(hidden);
  const expected = await peer.run();
  const difference = hidden.reduce((most, h, k) => Math.max(most, Math.abs(h - (expected[k] ?? NaN))), 0);
  if (!(difference <= 1e-5)) throw new Error(`${name} differs from its peer by ${String(difference)}`);
  const rest = threads === 1 ? 0 : REST;
  const result = await pairs(trace, peer.run, SECONDS, rest);
  const only = await pairs(await tracer(layer, false, threads), peer.run, SECONDS / 2, rest);
  print({
    group: GROUP,
    name,
    peer: 'onnxruntime',
    ratio: result.ratio,
    must: 1,
    aim: threads === 1 ? 0.8 : 0.7,
    ours_us: perStep(result.ours),
    peer_us: perStep(result.peer),
    best: result.best,
    cpu: result.cpu,
    engine_only: only.ratio,
    pairs: result.pairs,
  });
  if (layer.cell === 'lstm' && threads === 1) {
    const tokens = await pairs(tokenTracer(layer.units), peer.run, SECONDS / 2);
    print({
      group: GROUP,
      name: `${name}, tokens`,
      peer: 'onnxruntime',
      ratio: tokens.ratio,
      must: 1,
      aim: 0.8,
      ours_us: perStep(tokens.ours),
      peer_us: perStep(tokens.peer),
      best: tokens.best,
      cpu: tokens.cpu,
      pairs: tokens.pairs,
    });
  }
  await peer.close();
}

/** Time to only read U, as the product does, from the same memory. */
function reader(units: number): { read: () => void; trace: () => void } {
  const engine = tokenEngine(units);
  const kernels: Kernels = instantiateKernels(module);
  const out = kernels.arenaStart() + 4 * units * units * 4;
  const bytes = 4 * units * units * 4;
  const missing = out + 128 - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65_536));
  // Memory that was never written is one page of zeros, and reads as fast as the first cache.
  new Float32Array(kernels.memory.buffer, kernels.arenaStart(), bytes / 4).fill(1);
  const tokens = randomTokens(3, WINDOW_TOKENS);
  const state = new Float32Array(engine.stateSize);
  return {
    read: () => {
      for (let t = 0; t < WINDOW_TOKENS; t++) kernels.touch(kernels.arenaStart(), bytes, out);
    },
    trace: () => {
      engine.run(tokens, state);
    },
  };
}

const tokenEngine = (units: number): Engine =>
  createWasmEngine(
    module,
    randomNetwork({ seed: 1, cell: 'lstm', units: [units], width: WIDTH, head: 'none' }),
    options,
  );

async function readLimit(units: number): Promise<void> {
  const { read, trace } = reader(units);
  const { ours, peer, ratio, best, cpu, pairs: count } = await pairs(read, trace, SECONDS);
  print({
    group: GROUP,
    name: `share of the read limit, LSTM, H = ${String(units)}`,
    peer: 'reading the weights',
    ratio,
    must: 0.8,
    aim: 0.92,
    at_least: true,
    ours_us: (peer / WINDOW_TOKENS) * MICROSECONDS,
    peer_us: (ours / WINDOW_TOKENS) * MICROSECONDS,
    best,
    cpu,
    pairs: count,
  });
}

async function overTorch(units: number, version: string): Promise<void> {
  const steps = 200;
  const peer = gateLoop(units, steps);
  // Once it answers, its start is over, which takes both processors.
  await peer.run();
  const trace = await tracer(layerOf('lstm', units), true, 'quicker');
  trace();
  const times: { ours: number; peer: number }[] = [];
  const end = performance.now() + SECONDS * 1000;
  while (performance.now() < end || times.length < 3) {
    const start = performance.now();
    trace();
    times.push({ ours: perStep(performance.now() - start), peer: ((await peer.run()) / steps) * MICROSECONDS });
  }
  peer.close();
  print({
    group: GROUP,
    name: `LSTM, H = ${String(units)}, as the extension runs it, over a loop that keeps the gates`,
    peer: `torch ${version}`,
    ratio: median(times.map((t) => t.ours / t.peer)),
    must: units === 128 ? 0.1 : 0.3,
    aim: units === 128 ? 0.05 : 0.2,
    ours_us: median(times.map((t) => t.ours)),
    peer_us: median(times.map((t) => t.peer)),
    pairs: times.length,
  });
}

console.error(
  `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${kernelsFile(false)}${options.paired === true ? ', vectors of 256 bits' : ''}`,
);
for (const units of UNITS) await overOnnxruntime(`LSTM, H = ${String(units)}`, layerOf('lstm', units));
for (const units of [512, 1024]) {
  await overOnnxruntime(`LSTM, H = ${String(units)}, 2 threads`, layerOf('lstm', units), 2);
}
for (const units of UNITS) if (units >= 256) await readLimit(units);
for (const units of [128, 512]) {
  await overOnnxruntime(`GRU, H = ${String(units)}`, layerOf('gru', units));
  await overOnnxruntime(`GRU, reset before the product, H = ${String(units)}`, layerOf('gru', units, 'resetBefore'));
  await overOnnxruntime(`SimpleRNN, H = ${String(units)}`, layerOf('rnn', units));
}
const version = torchVersion();
if (version === undefined)
  console.error('No torch: its rows are left out. GATESCOPE_PYTHON names a Python that has it.');
else for (const units of UNITS) if (units >= 128) await overTorch(units, version);
for (const part of ['time', 'memory', 'windows', 'edit']) {
  const script = ['--expose-gc', '--import', 'tsx', 'test/bench/longText.mts', part, ...(QUICK ? ['--quick'] : [])];
  spawnSync(process.execPath, script, { stdio: 'inherit' });
}
