/**
 * What is said of a model in words: short rows of facts, for the Models view and for a model's page. Each function takes
 * the translation of who shows it.
 */
import { counted, textIn, type Text, type Translate } from './l10n';
import type { HeadDescription, InputInfo, LayerDescription, ModelDescription } from './modelInfo';
import type { CellKind } from './signals';

const formatCount = (value: number): string => value.toLocaleString('en-US');

/** What a fact is about. */
export type FactKey = 'reads' | 'tokenizer' | 'scaling' | 'gates' | 'form' | 'head';

export interface Fact {
  readonly term: string;
  readonly text: string;
  /** What it means, for those who ask. */
  readonly hint?: string;
}

export interface ModelFact extends Fact {
  readonly key: FactKey;
}

export const CELLS: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' };

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** `2 × 256 units`; of each direction, where a layer has two. */
export function shapeText(layers: readonly LayerDescription[], t: Translate): string {
  const both = layers.some(({ reverse }) => reverse) && layers.some(({ reverse }) => !reverse);
  const own = both ? layers.filter(({ reverse }) => !reverse) : layers;
  return sizesText(
    own.map((layer) => layer.units),
    both,
    t,
  );
}

/** Units of layers, one after the other; `both` where each layer reads in both directions. */
export function sizesText(units: readonly number[], both: boolean, t: Translate): string {
  const same = units.every((n) => n === units[0]);
  const shape = same && units.length > 1 ? `${String(units.length)} × ${String(units[0])}` : units.join(' + ');
  return both ? t('{0} units in both directions', shape) : t('{0} units', shape);
}

const parametersText = (count: number, t: Translate): string => counted(t, count, '{0} parameter', '{0} parameters');

/** The line under the title. */
export const summary = (model: ModelDescription, t: Translate): string =>
  [
    t('{0}, {1}', model.architecture, shapeText(model.layers, t)),
    parametersText(model.parameters, t),
    t('{0}, {1}', model.format, sizeText(model.bytes)),
  ].join(' · ');

const outputText = (output: HeadDescription['output'], t: Translate): string =>
  ({ 'next-token': t('next token'), classes: t('classes'), values: t('values') })[output];

/** A box of the drawing: what the model reads, a layer, or what it says. */
export interface Stage {
  readonly kind: 'input' | 'layer' | 'head';
  readonly title: string;
  readonly lines: readonly string[];
  /** Of a layer: that of its first direction. */
  readonly name: string | undefined;
  readonly directions: 'forward' | 'reverse' | 'both' | undefined;
}

export function stagesOf({ input, tokenizer, layers, head, merge }: ModelDescription, t: Translate): readonly Stage[] {
  const stages: Stage[] = [inputStage(input, tokenizer?.kind, t)];
  const seen = new Set<string>();
  for (const { name, cell, units, hidden } of layers) {
    const base = name.replace(/_reverse$/u, '');
    if (seen.has(base)) continue;
    seen.add(base);
    const own = layers.filter((layer) => layer.name === base || layer.name === `${base}_reverse`);
    const both = own.length > 1;
    const lines = [counted(t, units, '{0} unit', '{0} units')];
    if (hidden !== units) lines.push(t('projected to {0}', hidden));
    if (both) lines.push(merge === 'concat' || merge === undefined ? t('side by side') : merge);
    const directions = both ? 'both' : own[0]?.reverse === true ? 'reverse' : 'forward';
    stages.push({ kind: 'layer', title: CELLS[cell], lines, name, directions });
  }
  if (head !== undefined) {
    const lines = head.layers.map(({ outputSize, activation }) =>
      activation === undefined ? t('dense {0}', outputSize) : t('dense {0}, {1}', outputSize, activation),
    );
    stages.push({ kind: 'head', title: outputText(head.output, t), lines, name: undefined, directions: undefined });
  }
  return stages;
}

function inputStage(input: InputInfo, tokenizer: string | undefined, t: Translate): Stage {
  const own = { kind: 'input', name: undefined, directions: undefined } as const;
  if (input.kind === 'numbers') {
    return { ...own, title: t('numbers'), lines: [counted(t, input.width, '{0} column', '{0} columns')] };
  }
  const table = input.embedding ? t('embedding of {0}', input.width) : t('one-hot');
  return {
    ...own,
    title: tokenizer === undefined || tokenizer === 'huggingface' ? t('tokens') : tokenizerText(tokenizer, t),
    lines: [t('vocabulary of {0}', formatCount(input.vocab)), table],
  };
}

/** The kind of a tokenizer, for people. */
export function tokenizerText(kind: string, t: Translate): string {
  switch (kind) {
    case 'bytes':
      return t('bytes');
    case 'characters':
      return t('characters');
    case 'words':
      return t('words');
    case 'huggingface':
      return t('Hugging Face tokenizer');
    default:
      return kind;
  }
}

/** The model as a whole. */
export function modelFacts(model: ModelDescription, t: Translate): readonly ModelFact[] {
  const { layers, head } = model;
  const facts: ModelFact[] = [...inputFacts(model, t)];
  const order = common(layers.map(({ gateOrder }) => gateOrder));
  if (order !== undefined) {
    facts.push({
      key: 'gates',
      term: t('Gates in the file'),
      text: order,
      hint: t('The order in which the file keeps the gates. Here they always stand in PyTorch’s order.'),
    });
  }
  const form = common(layers.map(({ gruForm }) => gruForm));
  if (form !== undefined) {
    const text =
      form === 'resetAfter'
        ? t('reset after the recurrent product (PyTorch, Keras)')
        : t('reset before the recurrent product (Cho et al. 2014)');
    facts.push({ key: 'form', term: t('GRU form'), text });
  }
  const text = head === undefined ? t('none: it is traced without predictions') : headText(head, t);
  facts.push({ key: 'head', term: t('Head'), text });
  return facts;
}

function inputFacts({ input, tokenizer, numbers }: ModelDescription, t: Translate): readonly ModelFact[] {
  if (input.kind === 'numbers') {
    const columns = numbers?.columns === undefined ? t('all numeric columns of a table') : numbers.columns.join(', ');
    const scaled = numbers?.shift !== undefined || numbers?.scale !== undefined;
    const width = counted(t, input.width, '{0} number a step', '{0} numbers a step');
    return [
      { key: 'reads', term: t('Reads'), text: t('{0}: {1}', width, columns) },
      { key: 'scaling', term: t('Scaling'), text: scaled ? t('as its sidecar says') : t('none') },
    ];
  }
  const table = input.embedding
    ? counted(t, input.width, 'embedding of {0} value a token', 'embedding of {0} values a token')
    : t('one-hot');
  const found =
    tokenizer === undefined
      ? t('not known: the file does not say how a text becomes tokens')
      : t(
          '{0}, {1} (from {2})',
          tokenizerText(tokenizer.kind, t),
          counted(t, tokenizer.tokens, '{0} token', '{0} tokens'),
          fromText(tokenizer.from, t),
        );
  return [
    { key: 'reads', term: t('Reads'), text: t('{0}, {1}', counted(t, input.vocab, '{0} token', '{0} tokens'), table) },
    { key: 'tokenizer', term: t('Tokenizer'), text: found },
  ];
}

/** Where a tokenizer was found: a file's name, or one of two places without one. */
function fromText(from: string, t: Translate): string {
  if (from === 'the model file') return t('the model file');
  return from === 'the number of tokens' ? t('the number of tokens') : from;
}

function headText({ output, layers, classes }: HeadDescription, t: Translate): string {
  const sizes = layers.map(({ inputSize, outputSize }) => `${String(inputSize)} → ${String(outputSize)}`).join(', ');
  const what = outputText(output, t);
  return t('dense {0}, {1}', sizes, classes === undefined ? what : `${what} ${someOf(classes, t)}`);
}

const SOME = 6;

const someOf = (names: readonly string[], t: Translate): string =>
  names.length <= SOME ? names.join(', ') : t('{0} and {1} more', names.slice(0, SOME).join(', '), names.length - SOME);

/** What all have in common; undefined where they differ or have none. */
const common = <T>(values: readonly T[]): T | undefined =>
  values.every((value) => value === values[0]) ? values[0] : undefined;

/** The line under a layer's heading. */
export function layerLine(layer: LayerDescription, t: Translate): string {
  const { inputSize, units, hidden, activations, biases, variants, parameters, reverse } = layer;
  return [
    `${formatCount(inputSize)} → ${formatCount(units)}${hidden === units ? '' : ` → ${formatCount(hidden)}`}`,
    reverse ? t('reads backwards') : '',
    activations.join(', '),
    { none: t('no bias'), one: t('one bias'), two: t('two biases') }[biases],
    ...variants.map((variant: Text) => textIn(variant, t)),
    parametersText(parameters, t),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
