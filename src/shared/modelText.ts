/** What is said of a model in words: short rows of facts, for the Models view and for a model's page. */
import type { HeadDescription, InputInfo, LayerDescription, ModelDescription } from './modelInfo';
import type { CellKind } from './signals';

const formatCount = (value: number): string => value.toLocaleString('en-US');

export interface Fact {
  readonly term: string;
  readonly text: string;
  /** What it means, for those who ask. */
  readonly hint?: string;
}

export const CELLS: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' };

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

export const plural = (count: number, word: string): string => `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;

/** `2 × 256 units`; of each direction, where a layer has two. */
export function shapeText(layers: readonly LayerDescription[]): string {
  const both = layers.some(({ reverse }) => reverse) && layers.some(({ reverse }) => !reverse);
  const own = both ? layers.filter(({ reverse }) => !reverse) : layers;
  const units = own.map((layer) => layer.units);
  const same = units.every((n) => n === units[0]);
  const shape = same && units.length > 1 ? `${String(units.length)} × ${String(units[0])}` : units.join(' + ');
  return `${shape} units${both ? ' in both directions' : ''}`;
}

/** The line under the title. */
export const summary = ({ architecture, layers, parameters, format, bytes }: ModelDescription): string =>
  [`${architecture}, ${shapeText(layers)}`, plural(parameters, 'parameter'), `${format}, ${sizeText(bytes)}`].join(
    ' · ',
  );

const OUTPUTS: Readonly<Record<HeadDescription['output'], string>> = {
  'next-token': 'next token',
  classes: 'classes',
  values: 'values',
};

/** A box of the drawing: what the model reads, a layer, or what it says. */
export interface Stage {
  readonly kind: 'input' | 'layer' | 'head';
  readonly title: string;
  readonly lines: readonly string[];
  /** Of a layer: that of its first direction. */
  readonly name: string | undefined;
  readonly directions: 'forward' | 'reverse' | 'both' | undefined;
}

export function stagesOf({ input, tokenizer, layers, head, merge }: ModelDescription): readonly Stage[] {
  const stages: Stage[] = [inputStage(input, tokenizer?.kind)];
  const seen = new Set<string>();
  for (const { name, cell, units, hidden } of layers) {
    const base = name.replace(/_reverse$/u, '');
    if (seen.has(base)) continue;
    seen.add(base);
    const own = layers.filter((layer) => layer.name === base || layer.name === `${base}_reverse`);
    const both = own.length > 1;
    const lines = [plural(units, 'unit')];
    if (hidden !== units) lines.push(`projected to ${String(hidden)}`);
    if (both) lines.push(merge === 'concat' || merge === undefined ? 'side by side' : merge);
    const directions = both ? 'both' : own[0]?.reverse === true ? 'reverse' : 'forward';
    stages.push({ kind: 'layer', title: CELLS[cell], lines, name, directions });
  }
  if (head !== undefined) {
    const lines = head.layers.map(
      ({ outputSize, activation }) => `dense ${String(outputSize)}${activation === undefined ? '' : `, ${activation}`}`,
    );
    stages.push({ kind: 'head', title: OUTPUTS[head.output], lines, name: undefined, directions: undefined });
  }
  return stages;
}

function inputStage(input: InputInfo, tokenizer: string | undefined): Stage {
  const own = { kind: 'input', name: undefined, directions: undefined } as const;
  if (input.kind === 'numbers') return { ...own, title: 'numbers', lines: [plural(input.width, 'column')] };
  const table = input.embedding ? `embedding of ${String(input.width)}` : 'one-hot';
  return {
    ...own,
    title: tokenizer === undefined || tokenizer === 'huggingface' ? 'tokens' : tokenizer,
    lines: [`vocabulary of ${formatCount(input.vocab)}`, table],
  };
}

const TOKENIZERS: Readonly<Record<string, string>> = {
  bytes: 'bytes',
  characters: 'characters',
  words: 'words',
  huggingface: 'Hugging Face tokenizer',
};

const FORMS = {
  resetAfter: 'reset after the recurrent product (PyTorch, Keras)',
  resetBefore: 'reset before the recurrent product (Cho et al. 2014)',
};

/** The model as a whole. */
export function modelFacts(model: ModelDescription): readonly Fact[] {
  const { layers, head } = model;
  const facts: Fact[] = [...inputFacts(model)];
  const order = common(layers.map(({ gateOrder }) => gateOrder));
  if (order !== undefined) {
    facts.push({
      term: 'Gates in the file',
      text: order,
      hint: 'The order in which the file keeps the gates. Here they always stand in PyTorch’s order.',
    });
  }
  const form = common(layers.map(({ gruForm }) => gruForm));
  if (form !== undefined) facts.push({ term: 'GRU form', text: FORMS[form] });
  facts.push({ term: 'Head', text: head === undefined ? 'none: it is traced without predictions' : headText(head) });
  return facts;
}

function inputFacts({ input, tokenizer, numbers }: ModelDescription): readonly Fact[] {
  if (input.kind === 'numbers') {
    const columns = numbers?.columns === undefined ? 'all numeric columns of a table' : numbers.columns.join(', ');
    const scaled = numbers?.shift !== undefined || numbers?.scale !== undefined;
    return [
      { term: 'Reads', text: `${plural(input.width, 'number')} a step: ${columns}` },
      { term: 'Scaling', text: scaled ? 'as its sidecar says' : 'none' },
    ];
  }
  const table = input.embedding ? `embedding of ${plural(input.width, 'value')} a token` : 'one-hot';
  const found =
    tokenizer === undefined
      ? 'not known: the file does not say how a text becomes tokens'
      : `${TOKENIZERS[tokenizer.kind] ?? tokenizer.kind}, ${plural(tokenizer.tokens, 'token')} (from ${tokenizer.from})`;
  return [
    { term: 'Reads', text: `${plural(input.vocab, 'token')}, ${table}` },
    { term: 'Tokenizer', text: found },
  ];
}

function headText({ output, layers, classes }: HeadDescription): string {
  const sizes = layers.map(({ inputSize, outputSize }) => `${String(inputSize)} → ${String(outputSize)}`).join(', ');
  const what = classes === undefined ? OUTPUTS[output] : `${OUTPUTS[output]} ${someOf(classes)}`;
  return `dense ${sizes}, ${what}`;
}

const SOME = 6;

const someOf = (names: readonly string[]): string =>
  names.length <= SOME
    ? names.join(', ')
    : `${names.slice(0, SOME).join(', ')} and ${String(names.length - SOME)} more`;

/** What all have in common; undefined where they differ or have none. */
const common = <T>(values: readonly T[]): T | undefined =>
  values.every((value) => value === values[0]) ? values[0] : undefined;

/** The line under a layer's heading. */
export function layerLine(layer: LayerDescription): string {
  const { inputSize, units, hidden, activations, biases, variants, parameters, reverse } = layer;
  return [
    `${formatCount(inputSize)} → ${formatCount(units)}${hidden === units ? '' : ` → ${formatCount(hidden)}`}`,
    reverse ? 'reads backwards' : '',
    activations.join(', '),
    { none: 'no bias', one: 'one bias', two: 'two biases' }[biases],
    ...variants,
    plural(parameters, 'parameter'),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
