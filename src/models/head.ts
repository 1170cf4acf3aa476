/**
 * The dense layers behind a stack of PyTorch's names. A state dict does not tell what lies between them, so that more
 * than one is run only where pickled modules say which activation does.
 */
import type { DenseLayer, Head } from '../engine/recurrent';
import { squashing, type Squashing } from '../engine/squashing';
import { quote, quoteSome, unsupported } from './errors';
import { say, type Text } from '../shared/l10n';
import { commonLength, isMatrix, namedHead, nearest, type StackInput } from './embedding';
import { expectShape, type Stack } from './stack';
import { moduleOf, naturally, parseStackName } from './stackNames';
import type { Tensor, TensorFile } from './tensors';

/** A dense layer's tensors before they are read. */
export interface DensePlan {
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly activation: Squashing | undefined;
}

export interface HeadPlan {
  readonly layers: readonly DensePlan[];
  readonly output: Head['output'];
}

/** Modules whose weights are matrices, but which are no dense layer of the way from the stack to the output. */
const ATTENTION = /att(?:n|ention)|query|energy|alignment|(?:^|[._])(?:key|value|[qkv])_?proj/iu;

const LINEAR = /^torch\.nn\.modules\.linear\.(?:NonDynamicallyQuantizable)?Linear$/u;
const SEQUENTIAL = 'torch.nn.modules.container.Sequential';
const IGNORED = /^torch\.nn\.modules\.(?:dropout\.\w+|linear\.Identity|flatten\.Flatten)$/u;
/** A last one of these leaves logits in front of it. */
const PROBABILITIES = /^torch\.nn\.modules\.activation\.(?:LogSoftmax|Softmax\w*)$/u;

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** By the class's name in torch.nn.modules.activation. */
const ACTIVATIONS: Readonly<Record<string, (attribute: (name: string) => number | undefined) => Squashing>> = {
  ReLU: () => squashing('relu'),
  Tanh: () => squashing('tanh'),
  Sigmoid: () => squashing('sigmoid'),
  Softsign: () => squashing('softsign'),
  ELU: (attribute) => squashing('elu', attribute('alpha') ?? 1),
  LeakyReLU: (attribute) => squashing('leakyRelu', attribute('negative_slope') ?? 0.01),
  Hardsigmoid: () => squashing('hardSigmoid', 1 / 6, 0.5),
};

interface Context {
  readonly source: TensorFile;
  readonly stack: Stack;
  readonly input: StackInput;
  readonly warnings: Text[];
}

/**
 * @returns undefined where there is none, or none that can be run; then a warning says why
 * @throws model-unsupported where several could be it
 */
export function findHead(context: Context): HeadPlan | undefined {
  const { source, stack, input, warnings } = context;
  const vocab = input.kind === 'numbers' ? undefined : input.vocab;
  const linears = linearsOf(context);
  const exact = exactHead(context, linears, vocab);
  const chain = chainOf(context, linears);
  const end = chain.at(-1);
  // Where the chain ends elsewhere, the exact one is a head beside it.
  const found = exact && end !== exact ? [exact] : chain;
  const [first] = found;
  if (first === undefined) {
    const tied = input.kind === 'embedding' ? tiedHead(source, stack, input.table, input.vocab) : undefined;
    if (tied === undefined) warnings.push(say`It has no head, so that there is no loss and no prediction.`);
    return tied && { layers: [tied], output: 'next-token' };
  }
  const blocking = blockers(context, first);
  if (blocking.length > 0) {
    warnings.push(
      say`Between its stack and ${quote(moduleOf(first.name))} lies ${quoteSome(blocking)}, which cannot be run: it
        has no head here.`,
    );
    return undefined;
  }
  const plans = withActivations(context, found);
  if (plans === undefined) return undefined;
  return { layers: plans, output: outputOf(vocab, plans.at(-1)?.weight.shape[0]) };
}

/** A single output is no class among others: a score, a probability. */
function outputOf(vocab: number | undefined, rows: number | undefined): Head['output'] {
  if (vocab === undefined || rows === 1) return 'values';
  return rows === vocab ? 'next-token' : 'classes';
}

/** Matrices that may be a dense layer behind the stack, in the order of the model. */
function linearsOf({ source, stack, input }: Context): readonly Tensor[] {
  const { tensors, modules, ordered } = source;
  const table = input.kind === 'embedding' ? input.table : undefined;
  const mine = Math.max(...stack.groups.map(({ last }) => last));
  const found = [...tensors.values()].filter((tensor, place) => {
    if (tensor === table || !isMatrix(tensor) || ATTENTION.test(tensor.name)) return false;
    const className = modules.get(moduleOf(tensor.name))?.className;
    if (className !== undefined && !LINEAR.test(className)) return false;
    const own = commonOf(tensor, stack.groups);
    // With several stacks, a head belongs to the one that it lies beside.
    if (stack.others.length > 0 && own <= commonOf(tensor, stack.others)) return false;
    // Made before the stack, only a name tells that it is used behind it.
    return !ordered || place > mine || (namedHead(tensor.name) && tensor.shape[0] !== stack.inputSize);
  });
  return ordered ? found : found.sort((a, b) => naturally(a.name, b.name));
}

const commonOf = ({ name }: Tensor, groups: readonly { readonly prefix: string }[]): number =>
  Math.max(...groups.map(({ prefix }) => commonLength(name, prefix)));

/** The matrix from the stack's width to the vocabulary. @throws model-unsupported for several */
function exactHead(
  { source, stack }: Context,
  linears: readonly Tensor[],
  vocab: number | undefined,
): Tensor | undefined {
  const fitting = linears.filter(({ shape }) => shape[0] === vocab && shape[1] === stack.width);
  const named = fitting.filter(({ name }) => namedHead(name));
  const candidates = nearest(named.length > 0 ? named : fitting, stack.groups[0]?.prefix ?? '');
  const [head, ...others] = candidates;
  // A square one may be followed by another: a chain.
  if (others.length > 0 && vocab !== stack.width) {
    const what = say`Its tensors ${quoteSome(candidates.map(({ name }) => name))} could each be the head.`;
    throw unsupported(source.file, what, say`Name the right one "head.weight".`);
  }
  return others.length > 0 ? undefined : head;
}

/** Each takes what the one before gives. */
function chainOf({ stack }: Context, linears: readonly Tensor[]): readonly Tensor[] {
  const chain: Tensor[] = [];
  let { width } = stack;
  for (const linear of linears) {
    const [rows = 0, columns = 0] = linear.shape;
    if (columns !== width || rows === 0) continue;
    chain.push(linear);
    width = rows;
  }
  return chain;
}

/** The embedding's own rows as the head, where a bias of that size has no weight of its own. */
function tiedHead({ tensors }: TensorFile, stack: Stack, table: Tensor, vocab: number): DensePlan | undefined {
  if (stack.width !== table.shape[1]) return undefined;
  const bias = [...tensors.values()].find(
    ({ name, shape, floating }) =>
      floating !== false &&
      shape.length === 1 &&
      shape[0] === vocab &&
      /(?:^|\.)bias$/u.test(name) &&
      namedHead(name) &&
      !tensors.has(name.replace(/bias$/u, 'weight')),
  );
  return bias && { weight: table, bias, activation: undefined };
}

/** Modules with weights between the stack and the head that no dense layer is. */
function blockers({ source, stack, input }: Context, first: Tensor): string[] {
  const names = [...source.tensors.keys()];
  const table = input.kind === 'embedding' ? moduleOf(input.table.name) : undefined;
  const from = Math.max(...stack.groups.map(({ last }) => last));
  const to = names.indexOf(first.name);
  // Where the order is lost, attention and a normalisation of the stack's width lie between in all likelihood.
  const likely = names.filter((name) => {
    const shape = source.tensors.get(name)?.shape ?? [];
    const norm = /(?:^|\.)weight$/u.test(name) && shape.length === 1 && shape[0] === stack.width;
    return parseStackName(name) === undefined && (ATTENTION.test(name) || norm);
  });
  const between = source.ordered ? names.slice(from + 1, Math.max(to, from + 1)) : likely;
  const blocking = between.filter((name) => {
    const module = moduleOf(name);
    const tensor = source.tensors.get(name);
    const linear = tensor !== undefined && isMatrix(tensor) && !ATTENTION.test(name);
    const biasOfLinear =
      /(?:^|\.)bias$/u.test(name) && source.tensors.get(name.replace(/bias$/u, 'weight'))?.shape.length === 2;
    return module !== table && tensor?.floating !== false && !linear && !(biasOfLinear && !ATTENTION.test(name));
  });
  return [...new Set(blocking.map(moduleOf))];
}

/** Each dense layer with the activation behind it; undefined, with a warning, where it is not known. */
function withActivations(context: Context, chain: readonly Tensor[]): readonly DensePlan[] | undefined {
  const { source, stack, warnings } = context;
  const [firstLinear] = chain;
  const lastGroup = stack.groups.at(-1)?.prefix.replace(/\.$/u, '');
  if (firstLinear !== undefined && lastGroup !== undefined && source.modules.size > 0) {
    const before = between(source, lastGroup, moduleOf(firstLinear.name));
    if (before.length > 0) {
      warnings.push(
        say`Between its stack and ${quote(moduleOf(firstLinear.name))} lies ${quoteSome(before.map(shortClass))}, of
          which the file does not say how it is used: it has no head here.`,
      );
      return undefined;
    }
  }
  const plans: DensePlan[] = [];
  for (const [index, weight] of chain.entries()) {
    const next = chain[index + 1];
    const [rows = 0] = weight.shape;
    const bias = source.tensors.get(weight.name.replace(/weight$/u, 'bias'));
    if (bias) expectShape(source.file, bias, [rows]);
    const activation = next ? activationBetween(source, weight, next) : lastActivation(source, weight, rows);
    if (activation === 'unknown') {
      const names = quoteSome(chain.map(({ name }) => moduleOf(name)));
      warnings.push(
        say`The file does not say which activation lies between its dense layers ${names}: it has no head here. Saved
          whole, with torch.save(model), or as ONNX, it says so.`,
      );
      return undefined;
    }
    plans.push({ weight, bias, activation });
  }
  return plans;
}

const shortClass = (className: string): string => className.split('.').at(-1) ?? className;

/** Classes of the modules that stand between two in the order of the model, except those that do nothing when run. */
function between({ modules }: TensorFile, from: string, to: string): string[] {
  const paths = [...modules.keys()];
  const [start, end] = [paths.indexOf(from), paths.indexOf(to)];
  if (start < 0 || end < 0) return [];
  const parents = new Set(paths.map(moduleOf));
  return paths.slice(start + 1, Math.max(end, start + 1)).flatMap((path) => {
    const className = modules.get(path)?.className ?? '';
    return parents.has(path) || IGNORED.test(className) || LINEAR.test(className) ? [] : [className];
  });
}

function squashingOf({ modules }: TensorFile, className: string): Squashing | undefined {
  const attributes = [...modules.values()].find((module) => module.className === className)?.attributes;
  if (!className.startsWith('torch.nn.modules.activation.')) return undefined;
  return ACTIVATIONS[shortClass(className)]?.((name) => numberOf(attributes?.get(name)));
}

function activationBetween(source: TensorFile, weight: Tensor, next: Tensor): Squashing | undefined | 'unknown' {
  const [from, to] = [moduleOf(weight.name), moduleOf(next.name)];
  const classes = between(source, from, to);
  const parent = moduleOf(from);
  const sequential = parent === moduleOf(to) && source.modules.get(parent)?.className === SEQUENTIAL;
  const [className, ...more] = classes;
  // In a Sequential nothing between is nothing; elsewhere the forward pass may do anything.
  if (className === undefined) return sequential ? undefined : 'unknown';
  const found = more.length === 0 ? squashingOf(source, className) : undefined;
  return found ?? 'unknown';
}

/** A last softmax leaves logits; so does a sigmoid over several outputs. */
function lastActivation(source: TensorFile, weight: Tensor, rows: number): Squashing | undefined {
  const { modules } = source;
  const paths = [...modules.keys()];
  const at = paths.indexOf(moduleOf(weight.name));
  if (at < 0) return undefined;
  const [className = ''] = paths
    .slice(at + 1)
    .map((path) => modules.get(path)?.className ?? '')
    .filter((name) => !IGNORED.test(name));
  if (PROBABILITIES.test(className)) return undefined;
  const found = squashingOf(source, className);
  return found?.name === 'sigmoid' && rows > 1 ? undefined : found;
}

export const denseLayer = (
  { weight, bias, activation }: DensePlan,
  read: (tensor: Tensor) => Float32Array,
): DenseLayer => {
  const [outputSize = 0, inputSize = 0] = weight.shape;
  return {
    inputSize,
    outputSize,
    get weight() {
      return read(weight);
    },
    get bias() {
      return bias && read(bias);
    },
    activation,
  };
};
