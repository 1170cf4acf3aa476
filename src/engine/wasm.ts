/** The engine in WASM kernels: packs a network once, then runs whole windows without a loop over steps in JavaScript. */
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TokenIds } from '../shared/tokens';
import {
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
import { instantiateKernels, type Kernels, type LayerRun } from './kernels';
import { findColumn, recordLayout, type RecordLayout } from './layout';
import { checkNetwork, type LayerWeights, type Network } from './network';
import { packNetwork, viewOf } from './packNetwork';
import { checkInputs, checkRange, checkState, checkWindow } from './requests';
import { Choice, type Team } from './team';

const FLOAT_BYTES = 4;
const BFLOAT_BYTES = 2;
const PAGE_BYTES = 65_536;
/** Addresses are passed as signed 32-bit numbers. */
const MOST_BYTES = 2 ** 31;
const MEBIBYTE = 2 ** 20;

const tooLarge = (bytes: number): GatescopeError =>
  new GatescopeError(
    'model-unsupported',
    say`The model needs ${Math.ceil(bytes / MEBIBYTE)} MiB to run; the most is ${MOST_BYTES / MEBIBYTE} MiB. Choose a
      smaller model.`,
  );

const noMemory = (bytes: number, cause: unknown): GatescopeError =>
  new GatescopeError(
    'model-unsupported',
    say`The model needs ${Math.ceil(bytes / MEBIBYTE)} MiB to run, which could not be had. Close other programs, or
      choose a smaller model.`,
    { cause },
  );

const notAnswering = (): GatescopeError =>
  new GatescopeError('internal', say`The second tracing thread does not answer. Trace again.`);

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

/** None of them changes a bit of what is computed. */
export interface EngineOptions {
  /** Inputs are projected two at a time: quicker where the kernels were compiled to vectors of 256 bits. */
  readonly paired?: boolean;
  /** What the engine lives in, where `module` is a build for shared memory. */
  readonly memory?: WebAssembly.Memory;
  /** Shares LSTM layers with another thread on that memory, where that is quicker. */
  readonly team?: Team;
  /** Always shares them: for measurement. */
  readonly always?: boolean;
}

/**
 * Copies the network's weights; it is not needed afterwards.
 *
 * @param module src/kernels, compiled
 * @throws model-damaged when the network's shapes disagree, model-unsupported when it does not fit into memory
 */
export function createWasmEngine(module: WebAssembly.Module, network: Network, options: EngineOptions = {}): Engine {
  checkNetwork(network);
  return new TokenEngine(module, network, options);
}

/** As createWasmEngine, for inputs that are not tokens. */
export function createDenseEngine(
  module: WebAssembly.Module,
  { input, layers }: DenseNetwork,
  options: EngineOptions = {},
): DenseEngine {
  const { width } = input;
  checkNetwork({ input: { table: new Float32Array(width), vocab: 1, width }, layers, head: undefined });
  return new VectorEngine(module, { input, layers, head: undefined }, options);
}

interface PlacedLayer extends LayerArena {
  readonly units: number;
  /** Addresses of its part of the first record, and of its hidden state there. */
  readonly record: number;
  readonly shownAt: number;
}

/** Memory, state and layers: all that does not depend on what the inputs are. */
class WasmEngine {
  readonly layout: RecordLayout;
  readonly stateSize: number;
  protected readonly kernels: Kernels;
  protected readonly arena: Arena;
  protected readonly layers: readonly PlacedLayer[];
  protected readonly paired: number;
  /** Steps of the last run. */
  protected steps = 0;
  private readonly team: Team | undefined;
  private readonly choice: Choice;

  constructor(module: WebAssembly.Module, network: KernelNetwork, options: EngineOptions) {
    const { paired = false, memory, team, always = false } = options;
    const kernels = instantiateKernels(module, memory);
    this.layout = recordLayout(network.layers, network.head !== undefined);
    this.kernels = kernels;
    this.paired = paired ? 1 : 0;
    this.team = team;
    this.choice = new Choice(always);
    this.arena = planArena(network, this.layout, kernels.arenaStart(), team !== undefined);
    reserve(kernels.memory, this.arena.bytes);
    packNetwork(kernels, this.arena, network, this.paired);
    const { records } = this.arena;
    this.layers = this.arena.layers.flatMap((places, index) => {
      const layer = network.layers[index];
      const [first] = this.layout.columns.filter((column) => column.layer === index);
      if (layer === undefined || first === undefined) return [];
      const record = records.at + first.offset * FLOAT_BYTES;
      return [{ ...places, units: layer.units, record, shownAt: records.at + this.offsetOf(index, 'hidden') }];
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
    const first = arena.records.at + from * this.stride;
    const finite = kernels.summarize(first, most, count, layout.width, arena.reduction.at, arena.room.at) === 1;
    const length = most * layout.width;
    const part = (index: number): Uint16Array =>
      new Uint16Array(kernels.memory.buffer, arena.reduction.at + index * length * BFLOAT_BYTES, length);
    return { min: part(0), mean: part(1), max: part(2), finite };
  }

  /** Bytes from one record to the next. */
  protected get stride(): number {
    return this.layout.width * FLOAT_BYTES;
  }

  /**
   * All layers over the whole window.
   *
   * @param tokens address of ids that pick projected rows, or 0
   * @param input without tokens: address of [steps, inputWidth]
   */
  protected runLayers(tokens: number, input: number, inputWidth: number): void {
    const { steps, stride } = this;
    const together = this.team !== undefined && this.choice.next();
    const start = performance.now();
    let source: readonly [tokens: number, input: number, stride: number] = [tokens, input, inputWidth * FLOAT_BYTES];
    for (const layer of this.layers) {
      this.runLayer(layer, together, [layer.fields.at, ...source, steps, layer.record, stride]);
      source = [0, layer.shownAt, stride];
    }
    if (this.team && steps > 0) this.choice.took(together, (performance.now() - start) / steps);
  }

  private runLayer({ panels, firstPanels, progress }: LayerArena, together: boolean, run: LayerRun): void {
    const { kernels, team } = this;
    if (!together || team === undefined || firstPanels === panels) {
      kernels.runLayer(...run, -1);
      return;
    }
    this.view(progress).fill(0);
    team.start(run);
    if (kernels.runLayer(...run, 0) === 0) throw notAnswering();
    team.finish();
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
  private readonly width: number;

  constructor(module: WebAssembly.Module, network: Network, options: EngineOptions) {
    super(module, network, options);
    this.vocab = network.input.vocab;
    this.width = network.input.width;
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
    if (arena.tabled) this.runLayers(arena.tokens.at, 0, 0);
    else {
      kernels.gather(arena.table.at, this.width, arena.tokens.at, this.steps, arena.input.at);
      this.runLayers(0, arena.input.at, this.width);
    }
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
    const { weight, bias, panels } = head;
    const outStride = bias.length * FLOAT_BYTES;
    this.kernels.project(from, stride, count, units, weight.at, bias.at, panels, to, outStride, this.paired);
  }
}

class VectorEngine extends WasmEngine implements DenseEngine {
  private readonly width: number;

  constructor(module: WebAssembly.Module, network: KernelNetwork, options: EngineOptions) {
    super(module, network, options);
    this.width = network.input.width;
  }

  run(inputs: Float32Array, state: Float32Array): Float32Array {
    const { arena, layout, width } = this;
    checkInputs(inputs, width, state, this.stateSize);
    this.steps = inputs.length / width;
    this.view({ at: arena.input.at, length: inputs.length }).set(inputs);
    this.setState(state);
    this.runLayers(0, arena.input.at, width);
    this.getState(state);
    return this.view({ at: arena.records.at, length: this.steps * layout.width });
  }
}

function reserve(memory: WebAssembly.Memory, bytes: number): void {
  if (bytes > MOST_BYTES) throw tooLarge(bytes);
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  try {
    if (missing > 0) memory.grow(missing);
  } catch (error) {
    throw noMemory(bytes, error);
  }
}
