/** Makes a Model of tensors that bear PyTorch's parameter names: an embedding, a recurrent stack, perhaps a head. */
import type { RecurrentNetwork } from '../engine/recurrent';
import type { CellKind } from '../shared/signals';
import { damaged, quote, quoteSome, shapeText, unsupported } from './errors';
import type { Model } from './model';
import { expectShape, findStack, readLayer, type StackLayer } from './stack';
import type { Tensor, TensorFile } from './tensors';

const BYTES = 256;

const CELL_NAMES: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' };

/** Usual names of the module before the stack, and of that after it. */
const EMBEDDING_NAMES = /(?:^|[._])(?:\w*embed\w*|emb|encoder|wte|lookup)\.weight$/iu;
const HEAD_NAMES = /(?:^|[._])(?:\w*head|decoder|fc\d*|linear\d*|out|output|proj|classifier|dense|h2o)\.weight$/iu;

/**
 * @throws model-unsupported for what cannot be traced, by its name; model-damaged where shapes disagree
 */
export function modelOfPytorchNames(source: TensorFile): Model {
  const { file, tensors, metadata } = source;
  const stack = findStack(source);
  const [first] = stack;
  const last = stack.at(-1);
  if (first === undefined || last === undefined) throw damaged(file, 'It has no layers.');
  checkChain(file, stack);

  const warnings: string[] = [];
  const used = new Set<Tensor>();
  const read = (tensor: Tensor): Float32Array => {
    used.add(tensor);
    const values = tensor.read();
    const odd = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    if (odd > 0) {
      warnings.push(
        `Tensor ${quote(tensor.name)} has ${String(odd)} of ${String(values.length)} values NaN or infinite.`,
      );
    }
    return values;
  };

  const embedding = findEmbedding(source, first.inputSize);
  const [vocab = 0] = embedding.shape;
  checkTokenizer(source, embedding, warnings);
  const head = findHead(source, embedding, last.units, vocab);
  if (head === undefined) warnings.push('It has no head, so that there is no loss and no prediction.');
  const activation = activationOf(source, last);

  const network: RecurrentNetwork = {
    input: { kind: 'tokens', table: read(embedding), vocab, width: first.inputSize },
    layers: stack.map((layer) => ({
      directions: [{ reverse: false, weights: readLayer(layer, activation, read) }],
      merge: 'concat',
    })),
    head: head && {
      layers: [
        {
          inputSize: last.units,
          outputSize: vocab,
          weight: read(head.weight),
          bias: head.bias && read(head.bias),
          activation: undefined,
        },
      ],
      output: 'next-token',
    },
  };
  const unused = [...tensors.values()].filter((tensor) => !used.has(tensor)).map(({ name }) => name);
  if (unused.length > 0) {
    const verb = unused.length === 1 ? 'Tensor' : 'Tensors';
    warnings.push(
      `${verb} ${quoteSome(unused)} took no part: if the model needs them, what is shown is not what it does.`,
    );
  }
  return {
    name: metadata['name'] ?? baseName(file),
    architecture: CELL_NAMES[last.cell],
    notes: { tokenizer: { kind: 'bytes' } },
    network,
    notRun: [],
    description: metadata['description'],
    parameters: [...used].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    warnings,
    metadata,
  };
}

/** `models/tiny.safetensors` → `tiny` */
const baseName = (file: string): string => (file.split(/[/\\]/u).at(-1) ?? file).replace(/\.[^.]+$/u, '');

/** Each layer takes the hidden state of the one below. */
function checkChain(file: string, stack: readonly StackLayer[]): void {
  let below: StackLayer | undefined;
  for (const layer of stack) {
    if (below) expectShape(file, layer.weightIh, [layer.weightHh.shape[0] ?? 0, below.units]);
    below = layer;
  }
}

function activationOf({ file, metadata }: TensorFile, { cell }: StackLayer): 'tanh' | 'relu' {
  const nonlinearity = metadata['nonlinearity'] ?? 'tanh';
  if (nonlinearity === 'tanh' || (nonlinearity === 'relu' && cell === 'rnn')) return nonlinearity;
  const what = `Its metadata names the nonlinearity ${quote(nonlinearity)} for ${cell === 'lstm' ? 'an' : 'a'} ${CELL_NAMES[cell]}.`;
  throw unsupported(file, what, `${cell === 'rnn' ? 'tanh and relu are' : 'tanh is'} supported.`);
}

function checkTokenizer({ file, metadata }: TensorFile, embedding: Tensor, warnings: string[]): void {
  const { tokenizer } = metadata;
  const [vocab] = embedding.shape;
  if (tokenizer !== undefined && tokenizer !== 'bytes') {
    throw unsupported(file, `Its metadata names the tokenizer ${quote(tokenizer)}.`, 'bytes is supported.');
  }
  if (vocab !== BYTES) {
    const what = `Its embedding ${quote(embedding.name)} has ${String(vocab)} tokens.`;
    throw unsupported(file, what, `Models over bytes, with ${String(BYTES)} tokens, are supported.`);
  }
  if (tokenizer === undefined) {
    warnings.push('It does not name its tokenizer; with 256 tokens it is taken to read bytes.');
  }
}

const isMatrix = ({ name, shape }: Tensor): boolean => /(?:^|\.)weight$/u.test(name) && shape.length === 2;

function findEmbedding({ file, tensors }: TensorFile, inputSize: number): Tensor {
  const matrices = [...tensors.values()].filter(isMatrix);
  const fitting = matrices.filter(({ shape }) => shape[1] === inputSize);
  const named = fitting.filter(({ name }) => EMBEDDING_NAMES.test(name));
  // Without a telling name, what is named as a head is none, even if it would fit.
  const candidates = named.length > 0 ? named : fitting.filter(({ name }) => !HEAD_NAMES.test(name));
  const [embedding, ...others] = candidates;
  if (embedding === undefined) {
    const seen = matrices.map(({ name, shape }) => `${quote(name)} ${shapeText(shape)}`);
    throw unsupported(
      file,
      `It has no embedding of ${String(inputSize)} columns, the first layer's input` +
        `${seen.length > 0 ? ` (it has ${seen.slice(0, 6).join(', ')})` : ''}.`,
      `A tensor such as "embedding.weight" [256, ${String(inputSize)}] is needed.`,
    );
  }
  if (others.length > 0) {
    const what = `Its tensors ${quoteSome(candidates.map(({ name }) => name))} could each be the embedding.`;
    throw unsupported(file, what, 'Name the right one "embedding.weight".');
  }
  return embedding;
}

interface Head {
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
}

function findHead({ file, tensors }: TensorFile, embedding: Tensor, units: number, vocab: number): Head | undefined {
  const fitting = [...tensors.values()].filter(
    (tensor) => tensor !== embedding && isMatrix(tensor) && tensor.shape[0] === vocab && tensor.shape[1] === units,
  );
  const named = fitting.filter(({ name }) => HEAD_NAMES.test(name));
  const candidates = named.length > 0 ? named : fitting;
  const [weight, ...others] = candidates;
  if (weight === undefined) return undefined;
  if (others.length > 0) {
    const what = `Its tensors ${quoteSome(candidates.map(({ name }) => name))} could each be the head.`;
    throw unsupported(file, what, 'Name the right one "head.weight".');
  }
  const bias = tensors.get(weight.name.replace(/weight$/u, 'bias'));
  if (bias) expectShape(file, bias, [vocab]);
  return { weight, bias };
}
