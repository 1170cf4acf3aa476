/**
 * Any network as stages: each direction of each layer runs over the text on its own, windows in its own order. A block
 * of windows is computed through all layers from the states that each stage kept at the block's border.
 */
import { WINDOW_TOKENS } from '../engine/engine';
import { through } from '../engine/evaluate';
import type { RecordLayout } from '../engine/layout';
import { recordLayout } from '../engine/layout';
import { hiddenSize } from '../engine/network';
import { firstNonFiniteRecord } from '../engine/nonFinite';
import { namedLayers, type RecurrentNetwork } from '../engine/recurrent';
import type { LayerEngine } from '../engine/scalarDense';
import { MERGES, type Merge } from '../engine/sequence';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { TokenIds } from '../shared/tokens';
import type { Fault } from '../shared/trace';

/** What a network reads: ids of tokens, or rows of numbers [length, width]. */
export type TraceInput =
  { readonly kind: 'tokens'; readonly tokens: TokenIds } | { readonly kind: 'numbers'; readonly values: Float32Array };

/** A direction of a layer, its engine, and where its values lie in a whole record. */
interface Stage {
  readonly name: string;
  readonly reverse: boolean;
  readonly engine: LayerEngine;
  readonly hidden: number;
  /** Place of the hidden state in the stage's own record. */
  readonly hiddenOffset: number;
  /** Place of the stage's record in the whole one, and values. */
  readonly offset: number;
  readonly length: number;
}

interface Layer {
  readonly stages: readonly Stage[];
  readonly merge: Merge;
  /** Values that it shows at a step. */
  readonly width: number;
}

/** A network whose engines are made; every trace of it shares them. */
export interface StagedNetwork {
  readonly network: RecurrentNetwork;
  readonly layers: readonly Layer[];
  readonly layout: RecordLayout;
  /** Whether every layer reads forward: then all of it runs in one pass. */
  readonly streams: boolean;
  readonly stateSize: number;
}

/** @param createLayer the engine of a direction of a layer */
export async function stagedNetwork(
  network: RecurrentNetwork,
  createLayer: (
    weights: RecurrentNetwork['layers'][number]['directions'][number]['weights'],
  ) => LayerEngine | Promise<LayerEngine>,
): Promise<StagedNetwork> {
  const named = namedLayers(network);
  const streams = named.every(({ reverse }) => !reverse);
  const withLoss = streams && network.input.kind === 'tokens' && network.head?.output === 'next-token';
  const layout = recordLayout(
    named.map(({ name, weights }) => ({ ...weights, name })),
    withLoss,
  );
  const layers: Layer[] = [];
  let index = 0;
  let stateSize = 0;
  for (const { directions, merge } of network.layers) {
    const stages: Stage[] = [];
    for (const { reverse, weights } of directions) {
      const engine = await createLayer(weights);
      const own = layout.columns.filter(({ layer }) => layer === index);
      const hiddenOffset = engine.layout.columns.find(({ signal }) => signal === 'hidden')?.offset ?? 0;
      const name = named[index]?.name ?? '';
      const [offset, length] = [own[0]?.offset ?? 0, own.reduce((sum, { units }) => sum + units, 0)];
      stages.push({ name, reverse, engine, hidden: hiddenSize(weights), hiddenOffset, offset, length });
      stateSize += engine.stateSize;
      index++;
    }
    layers.push({ stages, merge, width: shownWidth(stages, merge) });
  }
  return { network, layers, layout, streams, stateSize };
}

function shownWidth(stages: readonly Stage[], merge: Merge): number {
  const widths = stages.map(({ hidden }) => hidden);
  if (merge === 'concat' || widths.length < 2) return widths.reduce((sum, width) => sum + width, 0);
  const [first = 0] = widths;
  if (widths.length === 2 && widths.every((width) => width === first)) return first;
  throw new GatescopeError(
    'model-damaged',
    say`The directions of a layer have hidden states of different sizes, which cannot be merged.`,
  );
}

/** What the directions of a layer show at a step, merged. @param parts of each direction [hidden] */
function mergeInto(to: Float32Array, at: number, { merge }: Layer, parts: readonly Float32Array[]): void {
  const [first, second] = parts;
  if (merge === 'concat' || first === undefined || second === undefined) {
    let from = at;
    for (const part of parts) {
      to.set(part, from);
      from += part.length;
    }
    return;
  }
  for (const [k, value] of first.entries()) to[at + k] = MERGES[merge](value, second[k] ?? NaN);
}

/** A text's run through a staged network: the states at the borders of blocks, and blocks computed from them. */
export class StagedRun {
  readonly length: number;
  /** Windows, and blocks of them. */
  readonly windows: number;
  readonly blocks: number;
  fault: Fault | undefined;
  /** Of each stage, the state with which it enters a block; undefined until it came there. */
  private readonly states: ReadonlyMap<Stage, (Float32Array | undefined)[]>;

  /** @param blockWindows windows of a block */
  constructor(
    private readonly staged: StagedNetwork,
    private readonly input: TraceInput,
    readonly blockWindows: number,
  ) {
    this.length = lengthOf(staged.network, input);
    this.windows = Math.ceil(this.length / WINDOW_TOKENS);
    this.blocks = Math.ceil(this.windows / blockWindows);
    this.states = new Map(
      staged.layers.flatMap(({ stages }) =>
        stages.map((stage) => {
          const states = new Array<Float32Array | undefined>(this.blocks).fill(undefined);
          states[stage.reverse ? this.blocks - 1 : 0] = new Float32Array(stage.engine.stateSize);
          return [stage, states] as const;
        }),
      ),
    );
  }

  blockOf(window: number): number {
    return Math.floor(window / this.blockWindows);
  }

  /** The passes that must come before whole records can be computed, in order; each a layer and its direction. */
  get passes(): readonly { readonly layer: number; readonly reverse: boolean }[] {
    const { layers } = this.staged;
    const passes: { layer: number; reverse: boolean }[] = [];
    let complete = 0;
    for (const [layer, { stages }] of layers.entries()) {
      if (!stages.some(({ reverse }) => reverse)) continue;
      // Those below must be known everywhere before this one can begin at the end.
      const forward = layers.slice(complete, layer).some((below) => below.stages.some(({ reverse }) => !reverse));
      if (forward) passes.push({ layer: layer - 1, reverse: false });
      passes.push({ layer, reverse: true });
      complete = layer;
    }
    return passes;
  }

  /** One block of a pass: the layers below, then the stages of one direction. Keeps the states at its far border. */
  pass(block: number, layer: number, reverse: boolean): void {
    this.run(block, layer, (stage) => stage.reverse === reverse);
  }

  /** The whole records of a block's windows, in order. */
  records(block: number): Float32Array[] {
    const { layers, layout, network } = this.staged;
    const last = layers.length - 1;
    const whole = this.windowsOf(block).map((window) => new Float32Array(this.tokensOf(window) * layout.width));
    const before = this.shownBefore(block);
    const shown = this.run(
      block,
      last,
      () => true,
      ({ offset, length, engine }, place, records) => {
        const to = whole[place];
        for (let t = 0; to && t * layout.width < to.length; t++) {
          const from = t * engine.layout.width;
          to.set(records.subarray(from, from + length), t * layout.width + offset);
        }
      },
    );
    const column = layout.columns.find(({ signal }) => signal === 'loss');
    const { input, head } = network;
    if (column === undefined || this.input.kind !== 'tokens' || input.kind !== 'tokens' || head === undefined)
      return whole;
    let previous = before;
    for (const [place, window] of this.windowsOf(block).entries()) {
      const width = layers[last]?.width ?? 0;
      const rows = shown[place] ?? new Float32Array(0);
      const shifted = new Float64Array(rows.length);
      shifted.set(previous);
      shifted.set(rows.subarray(0, rows.length - width), width);
      const logits = through(head.layers, shifted);
      const outputs = head.layers.at(-1)?.outputSize ?? 0;
      const to = whole[place];
      for (let t = 0; to && t < this.tokensOf(window); t++) {
        const token = this.input.tokens[window * WINDOW_TOKENS + t] ?? 0;
        to[t * layout.width + column.offset] = lossOf(logits.subarray(t * outputs, (t + 1) * outputs), token);
      }
      previous = rows.slice(rows.length - width);
    }
    return whole;
  }

  /** The memory with which a direction enters a block: for one that reads backwards, that of the step behind it. */
  memoryBehind(block: number, direction: number, units: number): Float32Array {
    const stage = this.staged.layers.flatMap(({ stages }) => stages)[direction];
    const state = stage && this.states.get(stage)?.[block];
    // A state is hidden, then an LSTM's cell: the memory is its last part.
    return state?.slice(state.length - units) ?? new Float32Array(units);
  }

  /** What the last layer shows, from a whole record. */
  shown(record: Float32Array): Float32Array {
    const top = this.staged.layers.at(-1);
    if (top === undefined) return new Float32Array(0);
    const to = new Float32Array(top.width);
    mergeInto(
      to,
      0,
      top,
      top.stages.map(({ offset, hiddenOffset, hidden }) =>
        record.subarray(offset + hiddenOffset, offset + hiddenOffset + hidden),
      ),
    );
    return to;
  }

  private windowsOf(block: number): number[] {
    const first = block * this.blockWindows;
    const end = Math.min(this.windows, first + this.blockWindows);
    return Array.from({ length: end - first }, (_, k) => first + k);
  }

  private tokensOf(window: number): number {
    return Math.min(WINDOW_TOKENS, this.length - window * WINDOW_TOKENS);
  }

  /** What the last layer showed before a block; zeros before the first. Only asked where all reads forward. */
  private shownBefore(block: number): Float32Array {
    const top = this.staged.layers.at(-1);
    if (top === undefined) return new Float32Array(0);
    const to = new Float32Array(top.width);
    const parts = top.stages.map((stage) => this.states.get(stage)?.[block]?.subarray(0, stage.hidden));
    mergeInto(
      to,
      0,
      top,
      parts.map((part) => part ?? new Float32Array(0)),
    );
    return to;
  }

  /**
   * Runs a block through the layers up to `last`, there only the stages that `takes` takes.
   * @returns what layer `last` shows, for each window [tokens, width]; where it takes all of its stages
   */
  private run(
    block: number,
    last: number,
    takes: (stage: Stage) => boolean,
    visit?: (stage: Stage, place: number, records: Float32Array) => void,
  ): Float32Array[] {
    const windows = this.windowsOf(block);
    const faults: Fault[] = [];
    let inputs = windows.map((window) => this.vectors(window));
    for (const [index, layer] of this.staged.layers.slice(0, last + 1).entries()) {
      const shown = windows.map((window) => new Float32Array(this.tokensOf(window) * layer.width));
      const stages = index < last ? layer.stages : layer.stages.filter(takes);
      const parts = stages.map((stage) =>
        this.runStage(stage, block, inputs, faults, (place, records) => visit?.(stage, place, records)),
      );
      for (const [place, window] of windows.entries()) {
        for (let t = 0; t < this.tokensOf(window); t++) {
          const rows = stages.map(
            ({ hidden }, k) => parts[k]?.[place]?.subarray(t * hidden, (t + 1) * hidden) ?? new Float32Array(0),
          );
          mergeInto(shown[place] ?? new Float32Array(0), t * layer.width, layer, rows);
        }
      }
      inputs = shown;
    }
    // Forward, the earliest token comes first; else the lowest layer, which has read all before those above begin.
    const [first] = this.staged.streams ? faults.toSorted((a, b) => a.token - b.token) : faults;
    this.fault ??= first;
    return inputs;
  }

  /** @returns the hidden states [tokens, hidden] of each window */
  private runStage(
    stage: Stage,
    block: number,
    inputs: readonly Float32Array[],
    faults: Fault[],
    visit: (place: number, records: Float32Array) => void,
  ): Float32Array[] {
    const { engine, reverse, hidden, hiddenOffset } = stage;
    const states = this.states.get(stage) ?? [];
    const entered = states[block];
    if (entered === undefined) {
      throw new GatescopeError('internal', say`Block ${block} of ${stage.name} is asked for before its time.`);
    }
    const state = entered.slice();
    const next = reverse ? block - 1 : block + 1;
    const first = states[next] === undefined;
    const found: Float32Array[] = inputs.map(() => new Float32Array(0));
    const { width } = engine.layout;
    const places = [...inputs.keys()];
    for (const place of reverse ? places.toReversed() : places) {
      const x = inputs[place] ?? new Float32Array(0);
      const tokens = this.tokensOf(block * this.blockWindows + place);
      const ran = engine.run(reverse ? turned(x, tokens) : x, state);
      if (first) this.look(stage, ran, block * this.blockWindows + place, tokens, faults);
      const records = reverse ? turned(ran, tokens) : ran;
      const shown = new Float32Array(tokens * hidden);
      for (let t = 0; t < tokens; t++) {
        const from = t * width + hiddenOffset;
        shown.set(records.subarray(from, from + hidden), t * hidden);
      }
      found[place] = shown;
      visit(place, records);
    }
    if (next >= 0 && next < this.blocks) states[next] ??= state;
    return found;
  }

  /** Looks for the first NaN or infinity in a stage's records, which are in the order of its own time. */
  private look(stage: Stage, ran: Float32Array, window: number, tokens: number, faults: Fault[]): void {
    if (this.fault !== undefined || faults.some(({ layer }) => layer === stage.name)) return;
    const first = firstNonFiniteRecord(stage.engine.layout, ran);
    if (first === undefined) return;
    const { step, signal, unit, value } = first;
    const token = window * WINDOW_TOKENS + (stage.reverse ? tokens - 1 - step : step);
    faults.push({ token, layer: stage.name, signal, unit, value });
  }

  /** What the lowest layer reads in a window, [tokens, width]. */
  private vectors(window: number): Float32Array {
    const { input } = this.staged.network;
    const from = window * WINDOW_TOKENS;
    const count = this.tokensOf(window);
    if (this.input.kind === 'numbers')
      return this.input.values.subarray(from * input.width, (from + count) * input.width);
    const { tokens } = this.input;
    const { width } = input;
    const x = new Float32Array(count * width);
    for (let t = 0; t < count; t++) {
      const token = tokens[from + t] ?? 0;
      if (input.kind === 'tokens' && input.table)
        x.set(input.table.subarray(token * width, (token + 1) * width), t * width);
      else x[t * width + token] = 1;
    }
    return x;
  }
}

/** Rows in the other order. */
function turned(values: Float32Array, rows: number): Float32Array {
  const width = values.length / rows;
  const to = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    to.set(values.subarray(row * width, (row + 1) * width), (rows - 1 - row) * width);
  }
  return to;
}

/** -ln softmax(logits)[token], in nats. */
function lossOf(logits: Float64Array, token: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, z) => sum + Math.exp(z - most), 0);
  return most + Math.log(total) - (logits[token] ?? NaN);
}

/** @throws bad-request where the input is not what the network reads */
function lengthOf({ input }: RecurrentNetwork, given: TraceInput): number {
  if (given.kind === 'numbers') {
    const rows = given.values.length / input.width;
    if (input.kind === 'numbers' && Number.isInteger(rows)) return rows;
    throw new GatescopeError(
      'bad-request',
      input.kind === 'numbers'
        ? say`The input has ${given.values.length} numbers, which are no rows of ${input.width}.`
        : say`The model reads tokens, not numbers.`,
    );
  }
  if (input.kind !== 'tokens') throw new GatescopeError('bad-request', say`The model reads numbers, not tokens.`);
  const { vocab } = input;
  const token = given.tokens.find((id: number) => id < 0 || id >= vocab);
  if (token === undefined) return given.tokens.length;
  throw new GatescopeError('bad-request', say`Token ${token} is outside the model's vocabulary of ${vocab}.`);
}
