/** Makes a Model of tensors that bear PyTorch's parameter names: an input, a recurrent stack, perhaps a head. */
import type { RecurrentNetwork, TokensInput } from '../engine/recurrent';
import type { Sidecar, TokenizerSpec } from '../shared/tokens';
import { findInput, isMatrix, namedEmbedding, type StackInput } from './embedding';
import { damaged, quote, quoteSome, unsupported } from './errors';
import { say, type Text } from '../shared/l10n';
import { denseLayer, findHead, type HeadPlan } from './head';
import { withDerived } from './derived';
import { weightsLimit } from './limits';
import type { Model } from './model';
import { GUESSED_BYTES } from './notes';
import { CELL_NAMES, findStack, groupName, recurrentLayer, tensorsOf, type Stack } from './stack';
import { moduleOf } from './stackNames';
import { countOf, type Tensor, type TensorFile } from './tensors';
import { findClasses, findTokenizer, unusedVocabularies } from './vocabulary';

const BYTES = 256;
const FLOAT_BYTES = 4;

/** Modules that are named as not run, and tensors that are looked at to say what a module is. */
const MOST_NAMED = 50;
const MOST_OF_MODULE = 8;

/**
 * @param warnings of the reader
 * @throws model-unsupported for what cannot be traced, by its name; model-damaged where shapes disagree
 */
export function modelOfPytorchNames(file: TensorFile, before: readonly Text[] = []): Model {
  const source = withDerived(withTied(file));
  const { metadata } = source;
  const warnings = [...before];
  const stack = findStack(source);
  const input = findInput(source, stack, warnings);
  warnings.push(...stack.warnings);
  const tokenizer = tokenizerOf(source, input, warnings);
  const head = findHead({ source, stack, input, warnings });

  const used = [
    ...(input.kind === 'embedding' ? [input.table] : []),
    ...stack.layers.flatMap(tensorsOf),
    ...(head?.layers ?? []).flatMap(({ weight, bias }) => (bias ? [weight, bias] : [weight])),
  ];
  checkMemory(source, used);
  const taken = new Set(used);
  const unused = [...source.tensors.values()].filter((tensor) => tensor.floating !== false && !taken.has(tensor));
  if (unused.length > 0) {
    const names = quoteSome(unused.map(({ name }) => name));
    warnings.push(
      unused.length === 1
        ? say`Tensor ${names} took no part: if the model needs it, what is shown is not what it does.`
        : say`Tensors ${names} took no part: if the model needs them, what is shown is not what it does.`,
    );
  }
  if (head && head.output !== 'next-token' && (stack.layers.at(-1)?.directions.length ?? 1) > 1) {
    warnings.push(
      say`Its head is shown at every step; if the model gives it the last state of each direction, at both ends of the
        text, no step shows what it gives.`,
    );
  }
  const network = networkOf(stack, input, head, reading(warnings));
  const last = stack.layers.at(-1)?.directions;
  const cell = last?.at(0)?.cell ?? 'lstm';
  return {
    name: metadata['name'] ?? baseName(source.file),
    architecture: `${(last?.length ?? 1) > 1 ? 'Bidirectional ' : ''}${CELL_NAMES[cell]}`,
    notes: notesOf(source, head, tokenizer),
    network,
    notRun: [...stack.others.map((group) => groupName(source, group)), ...modulesNotRun(source, stack, unused)],
    description: metadata['description'],
    parameters: [...taken].reduce((sum, tensor) => sum + countOf(tensor), 0),
    warnings,
    metadata,
  };
}

/** `models/tiny.safetensors` → `tiny` */
const baseName = (file: string): string => (file.split(/[/\\]/u).at(-1) ?? file).replace(/\.[^.]+$/u, '');

/**
 * safetensors keeps a tensor that has two names under one of them, and writes the other into the metadata
 * (https://huggingface.co/docs/safetensors/torch_shared_tensors).
 */
function withTied(source: TensorFile): TensorFile {
  const tensors = new Map(source.tensors);
  for (const [name, kept] of Object.entries(source.metadata)) {
    const tensor = source.tensors.get(kept);
    if (tensor && !tensors.has(name)) tensors.set(name, { ...tensor, name, read: () => tensor.read() });
  }
  return tensors.size === source.tensors.size ? source : { ...source, tensors };
}

/** Views may repeat the values of a small file without end. */
function checkMemory({ file, size }: TensorFile, used: readonly Tensor[]): void {
  const bytes = used.reduce((sum, tensor) => sum + countOf(tensor), 0) * FLOAT_BYTES;
  if (bytes <= weightsLimit(size)) return;
  throw damaged(
    file,
    say`Its weights would take ${bytes} bytes; the most for a file of ${size} is ${weightsLimit(size)}.`,
  );
}

/** @returns decodes a tensor, and warns once of each that has values which no weight has */
function reading(warnings: Text[]): (tensor: Tensor) => Float32Array {
  const told = new Set<Tensor>();
  return (tensor) => {
    const values = tensor.read();
    const odd = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    if (odd > 0 && !told.has(tensor)) {
      told.add(tensor);
      warnings.push(say`Tensor ${quote(tensor.name)} has ${odd} of ${values.length} values NaN or infinite.`);
    }
    return values;
  };
}

function networkOf(
  stack: Stack,
  input: StackInput,
  head: HeadPlan | undefined,
  read: (tensor: Tensor) => Float32Array,
): RecurrentNetwork {
  return {
    input: input.kind === 'numbers' ? { kind: 'numbers', width: stack.inputSize } : tokensInput(stack, input, read),
    layers: stack.layers.map((layer) => recurrentLayer(layer, read)),
    head: head && { layers: head.layers.map((layer) => denseLayer(layer, read)), output: head.output },
  };
}

function tokensInput(
  { inputSize }: Stack,
  input: Exclude<StackInput, { kind: 'numbers' }>,
  read: (tensor: Tensor) => Float32Array,
): TokensInput {
  const { vocab } = input;
  const table = input.kind === 'embedding' ? input.table : undefined;
  return {
    kind: 'tokens',
    vocab,
    width: inputSize,
    get table() {
      return table && read(table);
    },
  };
}

function notesOf(source: TensorFile, head: HeadPlan | undefined, tokenizer: TokenizerSpec | undefined): Sidecar {
  const rows = head?.layers.at(-1)?.weight.shape[0];
  const classes = head?.output === 'classes' && rows !== undefined ? findClasses(source.notes, rows) : undefined;
  return { ...(tokenizer && { tokenizer }), ...(classes && { classes }) };
}

/** @throws model-unsupported for bytes with a vocabulary that is none of bytes */
function tokenizerOf(source: TensorFile, input: StackInput, warnings: Text[]): TokenizerSpec | undefined {
  if (input.kind === 'numbers') return undefined;
  const { file, metadata, notes } = source;
  const { vocab } = input;
  const said = metadata['tokenizer'];
  if (said === 'bytes') {
    if (vocab === BYTES) return { kind: 'bytes' };
    const what = say`Its tokenizer is named bytes, but its input has ${vocab} tokens.`;
    throw unsupported(file, what, say`Bytes are ${BYTES} tokens.`);
  }
  const found = findTokenizer(notes, said, vocab, false);
  if (found) return found;
  warnings.push(...unusedVocabularies(notes, vocab));
  if (said !== undefined) {
    warnings.push(say`It names the tokenizer ${quote(said)}, whose vocabulary it does not hold.`);
    return undefined;
  }
  if (vocab !== BYTES) return undefined;
  warnings.push(GUESSED_BYTES);
  return { kind: 'bytes' };
}

/** What its unused tensors belong to, for people: `MultiheadAttention "attn"`. */
function modulesNotRun({ modules }: TensorFile, stack: Stack, unused: readonly Tensor[]): Text[] {
  const left = unused.filter(
    ({ name }) =>
      !stack.others.some(({ prefix }) => name.startsWith(`${prefix}weight_`) || name.startsWith(`${prefix}bias_`)),
  );
  const byModule = new Map<string, Tensor[]>();
  for (const tensor of left) {
    const name = moduleOf(tensor.name);
    byModule.set(name, [...(byModule.get(name) ?? []), tensor].slice(-MOST_OF_MODULE));
  }
  return [...byModule].slice(0, MOST_NAMED).map(([name, tensors]) => {
    // Parameters of the model itself, such as the transitions of a CRF.
    if (name === '') return say`parameters ${quoteSome(tensors.map((tensor) => tensor.name))}`;
    const className = modules.get(name)?.className.split('.').at(-1);
    return `${className ?? guessedClass(name, tensors)} ${quote(name)}`;
  });
}

function guessedClass(name: string, tensors: readonly Tensor[]): string {
  if (/att(?:n|ention)/iu.test(name)) return 'attention';
  if (tensors.some((tensor) => tensor.name.endsWith('running_mean'))) return 'batch normalisation';
  if (tensors.some(({ shape }) => shape.length > 2)) return 'convolution';
  if (tensors.some(isMatrix)) {
    if (namedEmbedding(`${name}.weight`)) return 'embedding';
    return tensors.length > 1 ? 'dense layer' : 'dense or embedding layer';
  }
  return tensors.some((tensor) => tensor.name.endsWith('weight')) ? 'normalisation' : 'module';
}
