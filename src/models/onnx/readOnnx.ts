/**
 * From an ONNX file to a Model: the graph is followed (follow.ts) from what its inputs may mean to the deepest layer
 * that its outputs come from, and a network is built of what lies on that way (network.ts).
 */
import type { Head, RecurrentNetwork } from '../../engine/recurrent';
import type { CellKind } from '../../shared/signals';
import type { Sidecar, TokenizerSpec } from '../../shared/tokens';
import { quote, quoteSome, unsupported } from '../errors';
import { joined, say, type Text } from '../../shared/l10n';
import type { Model } from '../model';
import { GUESSED_BYTES, notesOfMetadata } from '../notes';
import type { ModelSource } from '../source';
import { findClasses, findTokenizer, unusedVocabularies } from '../vocabulary';
import { Context } from './context';
import { Follower, type Blocked } from './follow';
import { isRecurrent, readFile, type OnnxFile } from './graph';
import { buildNetwork } from './network';
import type { RawSource, Source } from './sources';
import { kindOfType } from './tensor';
import { isOpen, NotFollowed, opaque, type Axis, type Limits, type Value } from './values';

const BYTES = 256;
const CELL_NAMES: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' };

/**
 * The source stays open while weights are read.
 *
 * @throws model-damaged, model-unsupported: what is in front of the first recurrent layer and cannot be run is named
 */
export function readOnnx(source: ModelSource): Model {
  const file = readFile(source);
  const { graph } = file;
  // One reading of the inputs after the other, until a recurrent layer is reached.
  let blocked: readonly Blocked[] = [];
  for (const wide of [1, 0]) {
    const followed = follow(file, wide === 1);
    if (followed.last) return modelOf(file, followed, followed.last);
    blocked = blocked.length > 0 ? blocked : followed.blocked;
    if (!followed.guessed) break;
  }
  const [first] = blocked;
  if (first) {
    throw unsupported(
      graph.file,
      say`Its layer ${first.label} cannot be run: ${first.reason}.`,
      say`A stack of RNN, GRU or LSTM nodes over tokens or numbers is supported.`,
    );
  }
  const ops = [...new Set(graph.nodes.map(({ op }) => op))];
  const what =
    ops.length === 0 ? say`Its graph has no node.` : say`Its graph has no recurrent layer, but ${quoteSome(ops)}.`;
  const unrolled = graph.nodes.filter(({ op }) => op === 'Tanh' || op === 'Relu' || op === 'Sigmoid').length > 2;
  const remedy = say`Models with RNN, GRU or LSTM nodes are supported.`;
  const hint = say`If its layers were written out step by step, export it with PyTorch's dynamo=False.`;
  throw unsupported(graph.file, what, unrolled ? joined([remedy, hint], ' ') : remedy);
}

interface Followed {
  readonly context: Context;
  readonly outputs: readonly (Value | undefined)[];
  readonly blocked: readonly Blocked[];
  /** The deepest source of the outputs that has a recurrent layer. */
  readonly last: Source | undefined;
  /** Whether an input could be read otherwise. */
  readonly guessed: boolean;
}

const limitsOf = (bytes: number): Limits => {
  // Of float16 a file holds a value in two bytes.
  const values = 2_000_000 + bytes / 2;
  return { values, cost: values * 64, work: 5_000_000 + bytes / 2 };
};

/** @param wide whether the last axis of floats holds the values of a step; otherwise a step is one value */
function follow(file: OnnxFile, wide: boolean): Followed {
  const { graph } = file;
  const context = new Context(graph.file, file.opset, limitsOf(file.bytes));
  const inputs = new Map<string, Value>();
  const guess = firstWidth(file);
  let guessed = false;
  for (const [k, name] of graph.inputs.entries()) {
    // In older files the weights are listed among the inputs too.
    if (graph.initializers.has(name) || graph.unreadable.has(name)) continue;
    const { element = 0, shape } = graph.types.get(name) ?? {};
    const kind = kindOfType(element) ?? (element === 0 ? 'float' : undefined);
    if (kind === undefined) {
      inputs.set(name, opaque([`the input ${quote(name)}, which holds neither floats nor integers`], []));
      continue;
    }
    const sizes = shape ?? new Array<undefined>(kind === 'int' ? 2 : 3).fill(undefined);
    const closed = (axis: number): boolean =>
      axis >= 2 || (kind === 'float' && wide && axis === 1 && sizes.length === 2);
    guessed ||= kind === 'float' && sizes.length === 2;
    const axes = sizes.map((size, axis): Axis => {
      if (closed(axis)) return size ?? (axis === sizes.length - 1 ? guess : 1);
      const symbol = `${String(k)}:${String(axis)}`;
      if (size !== undefined) context.hints.set(symbol, size);
      return [symbol];
    });
    inputs.set(name, rawStream(context, name, kind === 'int', axes));
  }
  const follower = new Follower(context, file);
  const outputs = follower.graph(graph, inputs);
  return { context, outputs, blocked: follower.blocked, last: deepest(context, outputs), guessed };
}

function rawStream(context: Context, name: string, integers: boolean, axes: readonly Axis[]): Value {
  const width = axes.reduce<number>((product, axis) => (isOpen(axis) ? product : product * axis), 1);
  try {
    const source = context.sources.add<RawSource>({
      kind: 'raw',
      input: name,
      integers,
      width,
      label: `the input ${quote(name)}`,
      layers: 0,
      behind: 0,
    });
    return { kind: 'stream', axes, columns: context.sources.columnsOf(source), reversed: undefined, picked: undefined };
  } catch (error) {
    if (error instanceof NotFollowed) return opaque([`the input ${quote(name)}: ${error.message}`], []);
    throw error;
  }
}

/** Columns of the first recurrent node's W: the width of an input that leaves it open. */
function firstWidth({ graph }: OnnxFile): number {
  const node = graph.nodes.find(({ op }) => isRecurrent(op));
  return graph.initializers.get(node?.inputs[1] ?? '')?.shape[2] ?? 1;
}

/** What an output comes from. */
function sourcesOf(context: Context, value: Value | undefined): Source[] {
  if (value?.kind === 'stream') return context.sources.among(value.columns);
  return value?.kind === 'opaque' ? context.sources.among(value.reach) : [];
}

/** Most recurrent layers first, then most behind them, then the outputs' order. */
function deepest(context: Context, outputs: readonly (Value | undefined)[]): Source | undefined {
  let best: Source | undefined;
  for (const source of outputs.flatMap((value) => sourcesOf(context, value))) {
    if (source.layers === 0 || source.kind === 'cell') continue;
    const further = best === undefined ? 1 : source.layers - best.layers || source.behind - best.behind;
    if (further > 0) best = source;
  }
  return best ?? lastDirection(context, outputs);
}

/** Where only cell states are given out, the layer that they belong to. */
function lastDirection(context: Context, outputs: readonly (Value | undefined)[]): Source | undefined {
  const cell = outputs.flatMap((value) => sourcesOf(context, value)).find(({ kind }) => kind === 'cell');
  return cell && context.sources.list().find((one) => one.kind === 'direction' && one.label === cell.label);
}

function modelOf(file: OnnxFile, { context, outputs }: Followed, last: Source): Model {
  const { graph, metadata } = file;
  const built = buildNetwork(context, last);
  const input = inputOf(built.network.input, metadata);
  const head = headOf({ ...built.network, input }, built.softmax);
  const stream = outputs.find((value) => value?.kind === 'stream' && sourcesOf(context, value).includes(last));
  if (stream?.kind === 'stream') pickedNote(stream, built.network, head, context);
  if (head === undefined) context.warn(say`It has no head, so that there is no loss and no prediction.`);
  const classes = head?.output === 'classes' ? classesOf(head, metadata) : undefined;
  const notes = { ...notesOf(input, metadata, file, built.input, context), ...(classes && { classes }) };
  const [layer] = built.network.layers;
  const cells = built.network.layers.flatMap(({ directions }) => directions.map(({ weights }) => weights.cell));
  const both = built.network.layers.some(({ directions }) => directions.length > 1);
  return {
    name: baseName(graph.file),
    architecture: `${both ? 'Bidirectional ' : ''}${CELL_NAMES[cells.at(-1) ?? layer?.directions[0]?.weights.cell ?? 'lstm']}`,
    notes,
    network: { ...built.network, input, head },
    notRun: notRunOf(context, outputs, built.used),
    description: undefined,
    parameters: built.parameters,
    warnings: context.warnings,
    metadata,
  };
}

/** @param whole whether every id must have its token */
function tokenizerOf(metadata: OnnxFile['metadata'], vocab: number, whole: boolean): TokenizerSpec | undefined {
  const said = metadata['tokenizer'];
  if (said === 'bytes') return vocab <= BYTES ? { kind: 'bytes' } : undefined;
  return findTokenizer(notesOfMetadata(metadata), said, vocab, whole);
}

const classesOf = ({ layers }: Head, metadata: OnnxFile['metadata']): readonly string[] | undefined =>
  findClasses(notesOfMetadata(metadata), layers.at(-1)?.outputSize ?? 0);

/** Numbers as wide as a vocabulary that the file names are tokens, one-hot. */
function inputOf(input: RecurrentNetwork['input'], metadata: OnnxFile['metadata']): RecurrentNetwork['input'] {
  if (input.kind === 'tokens' || tokenizerOf(metadata, input.width, true) === undefined) return input;
  return { kind: 'tokens', vocab: input.width, width: input.width, table: undefined };
}

function headOf({ input, layers, head }: RecurrentNetwork, softmax: boolean): Head | undefined {
  const last = head?.layers.at(-1);
  if (head === undefined || last === undefined) return undefined;
  const backwards = layers.some(({ directions }) => directions.some(({ reverse }) => reverse));
  const tokens = input.kind === 'tokens';
  const plain = last.activation === undefined;
  if (tokens && plain && last.outputSize === input.vocab && !backwards) return { ...head, output: 'next-token' };
  return { ...head, output: plain && last.outputSize > 1 && (softmax || tokens) ? 'classes' : 'values' };
}

function pickedNote(
  { picked }: { readonly picked: string | undefined },
  { layers }: RecurrentNetwork,
  head: Head | undefined,
  context: Context,
): void {
  if (picked === undefined || head === undefined) return;
  const backwards = layers.at(-1)?.directions.some(({ reverse }) => reverse) === true;
  context.warn(
    backwards
      ? say`Its head reads one step of a sequence (${picked}); it is shown at every step, where the reverse direction
        has not read the whole sequence.`
      : say`Its head reads one step of a sequence (${picked}); it is shown at every step.`,
  );
}

function notesOf(
  input: RecurrentNetwork['input'],
  metadata: OnnxFile['metadata'],
  { graph }: OnnxFile,
  name: string,
  context: Context,
): Sidecar {
  if (input.kind === 'numbers') return {};
  const found = tokenizerOf(metadata, input.vocab, false);
  if (found) return { tokenizer: found };
  for (const sentence of unusedVocabularies(notesOfMetadata(metadata), input.vocab)) context.warn(sentence);
  // uint8, or as many tokens as there are bytes.
  const byte = graph.types.get(name)?.element === 2;
  if (input.vocab !== BYTES && !(byte && input.vocab <= BYTES)) return {};
  if (input.vocab !== BYTES) return {};
  if (!byte) context.warn(GUESSED_BYTES);
  return { tokenizer: { kind: 'bytes' } };
}

/** What is behind the part that is run. */
function notRunOf(context: Context, outputs: readonly (Value | undefined)[], used: ReadonlySet<string>): Text[] {
  const causes = outputs.flatMap((value) => {
    if (value?.kind !== 'opaque' || !value.reach.some((column) => context.sources.of(column).layers > 0)) return [];
    return value.causes.filter((label) => !used.has(label));
  });
  const others = outputs.flatMap((value) =>
    value?.kind === 'stream'
      ? sourcesOf(context, value).flatMap(({ kind, label, layers }) =>
          layers > 0 && kind !== 'cell' && kind !== 'softmax' && !used.has(label) ? [label] : [],
        )
      : [],
  );
  return [...new Set([...causes, ...others])];
}

/** `models/tiny.onnx` → `tiny` */
const baseName = (file: string): string => (file.split(/[/\\]/u).at(-1) ?? file).replace(/\.[^.]+$/u, '');
