/** The engine in WASM kernels: packs a network once, then runs whole windows without a loop over steps in JavaScript. */
import { GatescopeError } from '../shared/errors';
import type { TokenIds } from '../shared/tokens';
import {
  DENSE_STEPS,
  gateRows,
  planArena,
  SUMMARY_BLOCKS,
  type Arena,
  type DenseInput,
  type HeadArena,
  type KernelNetwork,
  type LayerArena,
  type Region,
} from './arena';
import type { BlockSummary, Engine } from './engine';
import { instantiateKernels, type Kernels } from './kernels';
import { findColumn, recordLayout, type RecordLayout } from './layout';
import { checkNetwork, type LayerWeights, type Network } from './network';
import { packBias, packMatrix, PANEL_ROWS } from './packing';
import { checkInputs, checkRange, checkState, checkWindow } from './requests';

const FLOAT_BYTES = 4;
const BFLOAT_BYTES = 2;
const PAGE_BYTES = 65_536;
/** Addresses are passed as signed 32-bit numbers. */
const MOST_BYTES = 2 ** 31;
const MEBIBYTE = 2 ** 20;

const tooLarge = (bytes: number): GatescopeError =>
  new GatescopeError(
    'model-unsupported',
    `The model needs ${String(Math.ceil(bytes / MEBIBYTE))} MiB to run; the most is ` +
      `${String(MOST_BYTES / MEBIBYTE)} MiB. Choose a smaller model.`,
  );

const noMemory = (bytes: number, cause: unknown): GatescopeError =>
  new GatescopeError(
    'model-unsupported',
    `The model needs ${String(Math.ceil(bytes / MEBIBYTE))} MiB to run, which could not be had. ` +
      'Close other programs, or choose a smaller model.',
    { cause },
  );

/** A network with numbers for inputs, and nothing that predicts tokens. */
export interface DenseNetwork {
  readonly input: DenseInput;
  readonly layers: readonly LayerWeights[];
}

/** Runs vectors of numbers as Engine.run does tokens. */
export interface DenseEngine extends Pick<Engine, 'layout' | 'stateSize' | 'reduce' | 'summarize'> {
  /** @param inputs [steps, width], at most WINDOW_TOKENS steps */
  run(inputs: Float32Array, state: Float32Array): Float32Array;
}

/**
 * Copies the network's weights; it is not needed afterwards.
 *
 * @param module src/kernels, compiled
 * @throws model-damaged when the network's shapes disagree, model-unsupported when it does not fit into memory
 */
export function createWasmEngine(module: WebAssembly.Module, network: Network): Engine {
  checkNetwork(network);
  return new TokenEngine(module, network);
}

/** As createWasmEngine, for inputs that are not tokens. */
export function createDenseEngine(module: WebAssembly.Module, { input, layers }: DenseNetwork): DenseEngine {
  const { width } = input;
  checkNetwork({ input: { table: new Float32Array(width), vocab: 1, width }, layers, head: undefined });
  return new VectorEngine(module, { input, layers, head: undefined });
}

/** What is left of a network after packing. */
type LayerSizes = Pick<LayerWeights, 'cell' | 'activation' | 'gruForm' | 'units'>;

/** Memory, state and layers: all that does not depend on what the inputs are. */
class WasmEngine {
  readonly layout: RecordLayout;
  readonly stateSize: number;
  protected readonly kernels: Kernels;
  protected readonly arena: Arena;
  protected readonly layers: readonly (LayerSizes & LayerArena)[];
  /** Steps of the last run. */
  protected steps = 0;

  constructor(module: WebAssembly.Module, network: KernelNetwork) {
    const kernels = instantiateKernels(module);
    this.layout = recordLayout(network.layers, network.head !== undefined);
    this.kernels = kernels;
    this.arena = planArena(network, this.layout, kernels.arenaStart());
    reserve(kernels.memory, this.arena.bytes);
    pack(kernels, this.arena, network);
    this.layers = this.arena.layers.flatMap((places, index) => {
      const layer = network.layers[index];
      if (layer === undefined) return [];
      const { cell, activation, gruForm = 'resetAfter', units } = layer;
      return [{ ...places, cell, activation, gruForm, units }];
    });
    this.stateSize = this.layers.reduce((size, { state, units }) => size + state.length * units, 0);
  }

  reduce(from: number, to: number): { min: Float32Array; sum: Float32Array; max: Float32Array } {
    checkRange(from, to, this.steps);
    const { kernels, arena, layout } = this;
    kernels.reduce(arena.records.at + from * this.stride, to - from, layout.width, arena.reduction.at);
    const part = (index: number): Float32Array =>
      this.view({ at: arena.reduction.at + index * this.stride, length: layout.width });
    return { min: part(0), sum: part(1), max: part(2) };
  }

  summarize(from: number, blocks: number, count: number): BlockSummary {
    checkRange(from, from + blocks * count, this.steps);
    const most = Math.min(blocks, SUMMARY_BLOCKS);
    const { kernels, arena, layout } = this;
    kernels.summarize(arena.records.at + from * this.stride, most, count, layout.width, arena.reduction.at);
    const length = most * layout.width;
    const part = (index: number): Uint16Array =>
      new Uint16Array(kernels.memory.buffer, arena.reduction.at + index * length * BFLOAT_BYTES, length);
    return { min: part(0), mean: part(1), max: part(2) };
  }

  /** Bytes from one record to the next. */
  protected get stride(): number {
    return this.layout.width * FLOAT_BYTES;
  }

  /** All layers above the first, over the whole window. */
  protected runUpper(): void {
    const { kernels, arena, steps } = this;
    for (const [index, layer] of this.layers.entries()) {
      const below = this.layers[index - 1];
      if (below === undefined) continue;
      const input = arena.records.at + this.offsetOf(index - 1, 'hidden');
      const { weightIh, bias, panels, projected } = layer;
      kernels.project(input, this.stride, steps, below.units, weightIh.at, bias.at, panels, projected.at);
      this.runLayer(index, 0, 0, steps);
    }
  }

  /** @param tokens address of ids that pick projected rows; 0 where there is one for each step @param from first step */
  protected runLayer(index: number, tokens: number, from: number, steps: number): void {
    const layer = this.layers[index];
    if (layer === undefined) return;
    const { kernels, stride } = this;
    const { cell, projected, units, weightHh, parts, panels, sums, state } = layer;
    const [hidden = 0, cellState = 0] = state.map(({ at }) => at);
    const [column] = this.layout.columns.filter((c) => c.layer === index);
    const record = this.arena.records.at + (column?.offset ?? 0) * FLOAT_BYTES + from * stride;
    const common = [projected.at, tokens, steps, units] as const;
    switch (cell) {
      case 'lstm':
        kernels.lstm(...common, weightHh.at, panels, sums.at, hidden, cellState, record, stride);
        break;
      case 'gru': {
        const bias = layer.gruForm === 'resetBefore' ? 0 : layer.candidateBias.at;
        kernels.gru(...common, weightHh.at, ...parts, bias, sums.at, hidden, layer.shown.at, record, stride);
        break;
      }
      case 'rnn': {
        const rectify = layer.activation === 'relu' ? 1 : 0;
        kernels.rnn(...common, rectify, weightHh.at, panels, sums.at, hidden, record, stride);
      }
    }
  }

  protected setState(state: Float32Array): void {
    this.eachState((values, from) => {
      values.set(state.subarray(from, from + values.length));
    });
  }

  protected getState(state: Float32Array): void {
    this.eachState((values, from) => {
      state.set(values, from);
    });
  }

  /** Every part of the state in its order, with its place in a caller's state. */
  private eachState(visit: (values: Float32Array, from: number) => void): void {
    let from = 0;
    for (const { state, units } of this.layers) {
      for (const { at } of state) {
        visit(this.view({ at, length: units }), from);
        from += units;
      }
    }
  }

  /** Offset of a signal in a record, in bytes. */
  protected offsetOf(layer: number, signal: 'hidden' | 'loss'): number {
    return (findColumn(this.layout, layer, signal)?.offset ?? 0) * FLOAT_BYTES;
  }

  protected view(region: Region): Float32Array {
    return viewOf(this.kernels.memory, region);
  }
}

class TokenEngine extends WasmEngine implements Engine {
  readonly vocab: number;

  constructor(module: WebAssembly.Module, network: Network) {
    super(module, network);
    this.vocab = network.input.vocab;
  }

  run(tokens: TokenIds, state: Float32Array): Float32Array {
    checkWindow(tokens, state, this.vocab, this.stateSize);
    const { kernels, arena, layout } = this;
    this.steps = tokens.length;
    new Int32Array(kernels.memory.buffer, arena.tokens.at, tokens.length).set(tokens);
    this.setState(state);
    const { head, records } = arena;
    const top = this.layers.at(-1);
    // The first token is judged by the state that this run is about to overwrite.
    if (head && top && this.steps > 0) this.project(head, top.state[0]?.at ?? 0, 0, 1, top.units, head.logits.at);
    // Layer 0 finds its input by token in the table of projected embeddings.
    this.runLayer(0, arena.tokens.at, 0, this.steps);
    this.runUpper();
    if (head && top) {
      const loss = records.at + this.offsetOf(-1, 'loss');
      const row = head.bias.length;
      const hidden = records.at + this.offsetOf(this.layers.length - 1, 'hidden');
      this.project(head, hidden, this.stride, this.steps - 1, top.units, head.logits.at + row * FLOAT_BYTES);
      kernels.losses(head.logits.at, this.steps, row, arena.tokens.at, loss, this.stride);
    }
    this.getState(state);
    return this.view({ at: records.at, length: this.steps * layout.width });
  }

  predict(state: Float32Array): Float32Array {
    checkState(state, this.stateSize);
    const { head } = this.arena;
    const top = this.layers.at(-1);
    if (head === undefined || top === undefined) return new Float32Array(0);
    this.setState(state);
    this.project(head, top.state[0]?.at ?? 0, 0, 1, top.units, head.logits.at);
    this.kernels.softmax(head.logits.at, head.bias.length);
    return this.view({ at: head.logits.at, length: this.vocab }).slice();
  }

  private project(head: HeadArena, from: number, stride: number, count: number, units: number, to: number): void {
    this.kernels.project(from, stride, count, units, head.weight.at, head.bias.at, head.panels, to);
  }
}

class VectorEngine extends WasmEngine implements DenseEngine {
  private readonly width: number;

  constructor(module: WebAssembly.Module, network: KernelNetwork) {
    super(module, network);
    this.width = network.input.width;
  }

  run(inputs: Float32Array, state: Float32Array): Float32Array {
    const { kernels, arena, layout, width } = this;
    checkInputs(inputs, width, state, this.stateSize);
    this.steps = inputs.length / width;
    this.view({ at: arena.input.at, length: inputs.length }).set(inputs);
    this.setState(state);
    const [first] = this.layers;
    const stride = width * FLOAT_BYTES;
    for (let from = 0; from < this.steps && first; from += DENSE_STEPS) {
      const count = Math.min(DENSE_STEPS, this.steps - from);
      const { weightIh, bias, panels, projected } = first;
      const input = arena.input.at + from * stride;
      kernels.project(input, stride, count, width, weightIh.at, bias.at, panels, projected.at);
      this.runLayer(0, 0, from, count);
    }
    this.runUpper();
    this.getState(state);
    return this.view({ at: arena.records.at, length: this.steps * layout.width });
  }
}

/** A view of the memory as it is now: growth would detach it, hence views are made when needed and not kept. */
const viewOf = (memory: WebAssembly.Memory, { at, length }: Region): Float32Array =>
  new Float32Array(memory.buffer, at, length);

function reserve(memory: WebAssembly.Memory, bytes: number): void {
  if (bytes > MOST_BYTES) throw tooLarge(bytes);
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  try {
    if (missing > 0) memory.grow(missing);
  } catch (error) {
    throw noMemory(bytes, error);
  }
}

function pack(kernels: Kernels, arena: Arena, { input, layers, head }: KernelNetwork): void {
  const view = (region: Region): Float32Array => viewOf(kernels.memory, region);
  for (const [index, places] of arena.layers.entries()) {
    const layer = layers[index];
    if (layer === undefined) continue;
    packLayer(layer, places, view);
    if (index > 0 || !('vocab' in input)) continue;
    if (input.table) view(arena.input).set(input.table);
    else for (let token = 0; token < input.vocab; token++) view(arena.input)[token * (input.vocab + 1)] = 1;
    const { panels, weightIh, bias, projected } = places;
    const stride = input.width * FLOAT_BYTES;
    kernels.project(arena.input.at, stride, input.vocab, input.width, weightIh.at, bias.at, panels, projected.at);
  }
  if (head && arena.head) {
    packMatrix(head.weight, layers.at(-1)?.units ?? 0, view(arena.head.weight));
    packBias([head.bias], [0, head.vocab], -Infinity, view(arena.head.bias));
  }
}

/** Packs the rows of the gates, then apart from them those of a GRU's candidate. */
function packLayer(layer: LayerWeights, places: LayerArena, view: (region: Region) => Float32Array): void {
  const { units, inputSize, biasIh, biasHh } = layer;
  const rows = gateRows(layer);
  const end = layer.weightHh.length / units;
  const lanes = places.parts[0] * PANEL_ROWS;
  for (const [matrix, columns, to] of [
    [layer.weightIh, inputSize, view(places.weightIh)],
    [layer.weightHh, units, view(places.weightHh)],
  ] as const) {
    packMatrix(matrix.subarray(0, rows * columns), columns, to.subarray(0, lanes * columns));
    packMatrix(matrix.subarray(rows * columns), columns, to.subarray(lanes * columns));
  }
  const bias = view(places.bias);
  packBias([biasIh, biasHh], [0, rows], 0, bias.subarray(0, lanes));
  // One that resets after the product multiplies the candidate's recurrent bias too: it is not for the input's sum.
  const apart = layer.cell === 'gru' && layer.gruForm !== 'resetBefore';
  packBias(apart ? [biasIh] : [biasIh, biasHh], [rows, end], 0, bias.subarray(lanes));
  packBias([biasHh], [rows, end], 0, view(places.candidateBias));
}
