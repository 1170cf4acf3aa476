/** The engine in WASM kernels: packs a network once, then runs whole windows without a loop over steps in JavaScript. */
import { GatescopeError } from '../shared/errors';
import { planArena, type Arena, type HeadArena, type LayerArena, type Region } from './arena';
import type { Engine } from './engine';
import { instantiateKernels, type Kernels } from './kernels';
import { findColumn, recordLayout, type RecordLayout } from './layout';
import { checkNetwork, type LayerWeights, type Network } from './network';
import { packBias, packMatrix } from './packing';
import { checkRange, checkState, checkWindow } from './requests';

const FLOAT_BYTES = 4;
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

/**
 * Copies the network's weights; it is not needed afterwards.
 *
 * @param module src/kernels, compiled
 * @throws model-damaged when the network's shapes disagree, model-unsupported when it does not fit into memory
 */
export function createWasmEngine(module: WebAssembly.Module, network: Network): Engine {
  checkNetwork(network);
  const layout = recordLayout(network.layers, network.head !== undefined);
  const kernels = instantiateKernels(module);
  const arena = planArena(network, layout, kernels.arenaStart());
  reserve(kernels.memory, arena.bytes);
  pack(kernels, arena, network);
  return new WasmEngine(kernels, arena, layout, network);
}

/** What is left of a network after packing. */
type LayerSizes = Pick<LayerWeights, 'cell' | 'activation' | 'units'>;

class WasmEngine implements Engine {
  readonly vocab: number;
  readonly stateSize: number;
  private readonly layers: readonly (LayerSizes & LayerArena)[];
  /** Steps of the last run. */
  private steps = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly arena: Arena,
    readonly layout: RecordLayout,
    network: Network,
  ) {
    this.vocab = network.input.vocab;
    this.layers = arena.layers.flatMap((places, index) => {
      const layer = network.layers[index];
      return layer ? [{ ...places, cell: layer.cell, activation: layer.activation, units: layer.units }] : [];
    });
    this.stateSize = this.layers.reduce((size, { state, units }) => size + state.length * units, 0);
  }

  run(tokens: Uint8Array, state: Float32Array): Float32Array {
    checkWindow(tokens, state, this.vocab, this.stateSize);
    const { kernels, arena, layout } = this;
    this.steps = tokens.length;
    new Uint8Array(kernels.memory.buffer, arena.tokens.at, tokens.length).set(tokens);
    this.setState(state);
    const { head, records } = arena;
    const top = this.layers.at(-1);
    // The first token is judged by the state that this run is about to overwrite.
    if (head && top && this.steps > 0) this.project(head, top.state[0]?.at ?? 0, 0, 1, top.units, head.logits.at);
    for (const [index, layer] of this.layers.entries()) this.runLayer(layer, index);
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

  reduce(from: number, to: number): { min: Float32Array; sum: Float32Array; max: Float32Array } {
    checkRange(from, to, this.steps);
    const { kernels, arena, layout } = this;
    kernels.reduce(arena.records.at + from * this.stride, to - from, layout.width, arena.reduction.at);
    const part = (index: number): Float32Array =>
      this.view({ at: arena.reduction.at + index * this.stride, length: layout.width });
    return { min: part(0), sum: part(1), max: part(2) };
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

  /** Bytes from one record to the next. */
  private get stride(): number {
    return this.layout.width * FLOAT_BYTES;
  }

  private runLayer(layer: LayerSizes & LayerArena, index: number): void {
    const { kernels, arena, steps } = this;
    const below = this.layers[index - 1];
    if (below) {
      const input = arena.records.at + this.offsetOf(index - 1, 'hidden');
      const { weightIh, bias, panels, projected } = layer;
      kernels.project(input, this.stride, steps, below.units, weightIh.at, bias.at, panels, projected.at);
    }
    const { projected, units, weightHh, panels, sums } = layer;
    // Layer 0 finds its input by token in the table of projected embeddings.
    const tokens = below ? 0 : arena.tokens.at;
    const [hidden, cell] = layer.state.map(({ at }) => at);
    const first = layer.cell === 'lstm' ? 'input' : 'hidden';
    const record = arena.records.at + this.offsetOf(index, first);
    const common = [projected.at, tokens, steps, units] as const;
    if (layer.cell === 'lstm') {
      kernels.lstm(...common, weightHh.at, panels, sums.at, hidden ?? 0, cell ?? 0, record, this.stride);
    } else {
      const rectify = layer.activation === 'relu' ? 1 : 0;
      kernels.rnn(...common, rectify, weightHh.at, panels, sums.at, hidden ?? 0, record, this.stride);
    }
  }

  private project(head: HeadArena, from: number, stride: number, count: number, units: number, to: number): void {
    this.kernels.project(from, stride, count, units, head.weight.at, head.bias.at, head.panels, to);
  }

  private setState(state: Float32Array): void {
    this.eachState((values, from) => {
      values.set(state.subarray(from, from + values.length));
    });
  }

  private getState(state: Float32Array): void {
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
  private offsetOf(layer: number, signal: 'input' | 'hidden' | 'loss'): number {
    return (findColumn(this.layout, layer, signal)?.offset ?? 0) * FLOAT_BYTES;
  }

  private view(region: Region): Float32Array {
    return viewOf(this.kernels.memory, region);
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

function pack(kernels: Kernels, arena: Arena, { input, layers, head }: Network): void {
  const view = (region: Region): Float32Array => viewOf(kernels.memory, region);
  view(arena.embedding).set(input.table);
  for (const [index, places] of arena.layers.entries()) {
    const layer = layers[index];
    if (layer === undefined) continue;
    const { panels, weightIh, weightHh, bias, projected } = places;
    packMatrix(layer.weightIh, layer.inputSize, view(weightIh));
    packMatrix(layer.weightHh, layer.units, view(weightHh));
    packBias([layer.biasIh, layer.biasHh], layer.weightHh.length / layer.units, 0, view(bias));
    if (index > 0) continue;
    const { at } = arena.embedding;
    const stride = input.width * FLOAT_BYTES;
    kernels.project(at, stride, input.vocab, input.width, weightIh.at, bias.at, panels, projected.at);
  }
  if (head && arena.head) {
    packMatrix(head.weight, layers.at(-1)?.units ?? 0, view(arena.head.weight));
    packBias([head.bias], head.vocab, -Infinity, view(arena.head.bias));
  }
}
