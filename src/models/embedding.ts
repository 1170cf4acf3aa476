/** What a stack of PyTorch's reads: an embedding's rows, one-hot tokens, or numbers. */
import { quote, quoteSome, shapeText, unsupported } from './errors';
import { say, type Text } from '../shared/l10n';
import type { Stack } from './stack';
import { labelOf, moduleOf, parseStackName } from './stackNames';
import type { Tensor, TensorFile } from './tensors';
import { findVocabulary } from './vocabulary';

/** Usual names of the module before the stack, and of that after it. */
const EMBEDDING_LABEL = /embed|(?:^|_)(?:emb|encoder|wte|lookup)$/iu;
const HEAD_LABEL =
  /(?:head|out|output|classifier|_proj|_decoder|_dense)\d*$|^(?:decoder|fc\w?|linear|lin|proj|dense|h2o|hidden2\w+)\d*$|_(?:fc|linear|lin)\d*$/iu;

/** Whether a tensor `NAME.weight` is named as an embedding's. */
export const namedEmbedding = (tensor: string): boolean => EMBEDDING_LABEL.test(labelOf(moduleOf(tensor)));

export const namedHead = (tensor: string): boolean => HEAD_LABEL.test(labelOf(moduleOf(tensor)));

export type StackInput =
  | { readonly kind: 'embedding'; readonly table: Tensor; readonly vocab: number }
  | { readonly kind: 'one-hot'; readonly vocab: number }
  | { readonly kind: 'numbers' };

const EMBEDDING_CLASS = 'torch.nn.modules.sparse.Embedding';

export const isMatrix = ({ name, shape, floating }: Tensor): boolean =>
  floating !== false && /(?:^|\.)weight$/u.test(name) && shape.length === 2 && parseStackName(name) === undefined;

/** Length of what two dotted names have in common from their start. */
export function commonLength(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  const differs = left.findIndex((part, index) => part !== right[index]);
  return differs < 0 ? left.length : differs;
}

/** Those of the candidates that are nearest to the stack by their names; all where none is nearer. */
export function nearest(candidates: readonly Tensor[], prefix: string): readonly Tensor[] {
  const lengths = candidates.map(({ name }) => commonLength(name, prefix));
  const most = Math.max(...lengths);
  return candidates.filter((_, index) => lengths[index] === most);
}

/** @throws model-unsupported where several could be the embedding */
export function findInput(source: TensorFile, { groups, inputSize }: Stack, warnings: Text[]): StackInput {
  const { file, tensors, modules, notes, metadata } = source;
  const matrices = [...tensors.values()].filter(isMatrix);
  const isEmbedding = ({ name }: Tensor): boolean => {
    const className = modules.get(moduleOf(name))?.className;
    if (className !== undefined) return className === EMBEDDING_CLASS;
    // An embedding has no bias: an "encoder" that has one is a dense layer.
    return namedEmbedding(name) && !tensors.has(name.replace(/weight$/u, 'bias'));
  };
  const fitting = matrices.filter(({ shape }) => shape[1] === inputSize && (shape[0] ?? 0) > 0);
  const named = fitting.filter(isEmbedding);
  const oneHot = oneHotVocabulary(source, inputSize, matrices);
  // Without a telling name, what is named as a head is none, even if it would fit; nor is a square matrix, which may be any.
  const guessed = modules.size > 0 || oneHot ? [] : fitting.filter((tensor) => mayBeEmbedding(source, tensor));
  const [prefix = ''] = groups.map((group) => group.prefix);
  const candidates = nearest(named.length > 0 ? named : guessed, prefix);
  const [table, ...others] = candidates;
  if (table !== undefined) {
    if (others.length > 0) {
      const what = say`Its tensors ${quoteSome(candidates.map(({ name }) => name))} could each be the embedding.`;
      throw unsupported(file, what, say`Name the right one "embedding.weight".`);
    }
    return { kind: 'embedding', table, vocab: table.shape[0] ?? 0 };
  }
  const [front] = matrices.filter(isEmbedding);
  if (front) {
    warnings.push(
      say`Its embedding ${quote(front.name)} ${shapeText(front.shape)} does not feed the stack, which reads
        ${inputSize} values: what lies between cannot be run, so that the stack is run on numbers.`,
    );
    return { kind: 'numbers' };
  }
  if (oneHot) return { kind: 'one-hot', vocab: inputSize };
  if (findVocabulary(notes, inputSize, false) === undefined && metadata['tokenizer'] === undefined) {
    return { kind: 'numbers' };
  }
  warnings.push(
    say`Its vocabulary does not fit the ${inputSize} values that its stack reads; they are taken as numbers.`,
  );
  return { kind: 'numbers' };
}

/**
 * A vocabulary of just so many tokens; or a tokenizer is named, and the head has as many rows.
 */
function oneHotVocabulary({ notes, metadata }: TensorFile, inputSize: number, matrices: readonly Tensor[]): boolean {
  if (matrices.some(({ name, shape }) => namedEmbedding(name) && shape[1] === inputSize)) return false;
  if (findVocabulary(notes, inputSize, true)) return true;
  const headRows = matrices.some(({ shape }) => shape[0] === inputSize);
  return headRows && (metadata['tokenizer'] !== undefined || findVocabulary(notes, inputSize, false) !== undefined);
}

/** A matrix of the right width that nothing names: more rows than columns, and not after the stack. */
function mayBeEmbedding({ tensors, ordered }: TensorFile, tensor: Tensor): boolean {
  if (namedHead(tensor.name)) return false;
  if (tensors.has(tensor.name.replace(/weight$/u, 'bias'))) return false;
  if (!ordered) return true;
  for (const name of tensors.keys()) {
    if (name === tensor.name) return true;
    if (parseStackName(name)) return false;
  }
  return false;
}
