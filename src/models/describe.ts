/** Describes a model for people and programs, from its shapes alone: no weight but a bias is read. */
import { say, type Text } from '../shared/l10n';
import { hiddenSize, GATES, squashingsOf, type LayerWeights } from '../engine/network';
import { namedLayers, type Head, type NamedLayer } from '../engine/recurrent';
import type {
  HeadDescription,
  LayerDescription,
  MatrixInfo,
  ModelDescription,
  TokenizerInfo,
} from '../shared/modelInfo';
import type { CellKind, SignalName } from '../shared/signals';
import type { Model } from './model';
import type { ModelSource } from './source';

/** Blocks of rows in PyTorch's arrangement, which every reader brings about. */
export const GATE_BLOCKS: Readonly<Record<CellKind, readonly SignalName[]>> = {
  rnn: ['hidden'],
  gru: ['reset', 'update', 'candidate'],
  lstm: ['input', 'forget', 'candidate', 'output'],
};

/** Formats by how their files begin, or are called. */
const FORMATS: readonly (readonly [format: string, start: string, name: RegExp])[] = [
  ['Keras', '\x89HDF\r\n\x1a\n', /\.(?:h5|hdf5)$/iu],
  ['Keras', '', /\.keras$/iu],
  ['TensorFlow.js', '', /\.json$/iu],
  ['ONNX', '', /\.onnx$/iu],
  ['safetensors', '', /\.safetensors$/iu],
  ['PyTorch', 'PK\x03\x04', /\.(?:pt|pth|bin|ckpt|pkl|tar)$/iu],
];

export function formatOf({ name, size, read }: Pick<ModelSource, 'name' | 'size' | 'read'>): string {
  const named = FORMATS.find(([, , pattern]) => pattern.test(name))?.[0];
  if (named !== undefined) return named;
  const start = String.fromCharCode(...read(0, Math.min(8, size)));
  if (start.startsWith('{', 8) || size === 0) return 'safetensors';
  return FORMATS.find(([, bytes]) => bytes !== '' && start.startsWith(bytes))?.[0] ?? 'PyTorch';
}

/** The order in which a format keeps the gates of a cell. */
const ORDERS: Readonly<Record<string, Readonly<Record<CellKind, string | undefined>>>> = {
  ONNX: { rnn: undefined, gru: 'z, r, n', lstm: 'i, o, f, g' },
  Keras: { rnn: undefined, gru: 'z, r, n', lstm: 'i, f, g, o' },
  'TensorFlow.js': { rnn: undefined, gru: 'z, r, n', lstm: 'i, f, g, o' },
};
const PYTORCH_ORDER: Readonly<Record<CellKind, string | undefined>> = {
  rnn: undefined,
  gru: 'r, z, n',
  lstm: 'i, f, g, o',
};

/** @param tokenizer who says how texts are cut, and the size of the vocabulary; undefined where nobody does */
export function describeModel(
  model: Model,
  source: Pick<ModelSource, 'name' | 'size' | 'read'>,
  tokenizer: Omit<TokenizerInfo, 'kind'> | undefined,
): ModelDescription {
  const { network, notes } = model;
  const { input } = network;
  const format = formatOf(source);
  const merge = network.layers.find(({ directions }) => directions.length > 1)?.merge;
  const info = tokenizer && notes.tokenizer && { kind: notes.tokenizer.kind, ...tokenizer };
  return {
    name: model.name,
    file: source.name,
    format,
    bytes: source.size,
    architecture: model.architecture,
    input:
      input.kind === 'numbers'
        ? { kind: 'numbers', width: input.width }
        : { kind: 'tokens', vocab: input.vocab, width: input.width, embedding: has(input, 'table') },
    layers: namedLayers(network).map((layer) => describeLayer(layer, format)),
    merge,
    head: network.head && describeHead(network.head, notes.classes),
    parameters: model.parameters,
    tokenizer: input.kind === 'tokens' ? info : undefined,
    numbers: input.kind === 'numbers' ? notes.numbers : undefined,
    needs: input.kind === 'tokens' && info === undefined ? 'tokenizer' : undefined,
    notRun: model.notRun,
    warnings: model.warnings,
    description: model.description,
    metadata: model.metadata,
  };
}

/** Whether a value is there, without reading it where a getter would. */
function has(owner: object, key: string): boolean {
  const found = Object.getOwnPropertyDescriptor(owner, key);
  return found !== undefined && (found.get !== undefined || found.value !== undefined);
}

export function matricesOf({ name, weights }: Pick<NamedLayer, 'name' | 'weights'>): MatrixInfo[] {
  const { cell, units, inputSize } = weights;
  const rows = GATES[cell] * units;
  const gates = GATE_BLOCKS[cell];
  return [
    { name: `${name}.weight_ih`, shape: [rows, inputSize], gates },
    { name: `${name}.weight_hh`, shape: [rows, hiddenSize(weights)], gates },
  ];
}

function describeLayer({ name, reverse, weights }: NamedLayer, format: string): LayerDescription {
  const { cell, inputSize, units } = weights;
  const hidden = hiddenSize(weights);
  const rows = GATES[cell] * units;
  // A bias is small; whether a getter has one is only known by asking.
  const biases = [weights.biasIh, weights.biasHh].filter((bias) => bias !== undefined).length;
  const peephole = weights.variant?.peephole !== undefined;
  const projected = weights.variant?.projection !== undefined;
  return {
    name,
    cell,
    reverse,
    inputSize,
    units,
    hidden,
    activations: squashingsOf(weights).map((squashing) => squashing.name),
    gruForm: cell === 'gru' ? (weights.gruForm ?? 'resetAfter') : undefined,
    gateOrder: (ORDERS[format] ?? PYTORCH_ORDER)[cell],
    biases: (['none', 'one', 'two'] as const)[biases] ?? 'two',
    variants: variantsOf(weights),
    parameters: rows * (inputSize + hidden + biases) + (peephole ? 3 * units : 0) + (projected ? hidden * units : 0),
    matrices: matricesOf({ name, weights }),
  };
}

function variantsOf({ variant = {} }: LayerWeights): Text[] {
  const found: Text[] = [];
  if (variant.peephole !== undefined) found.push(say`peepholes`);
  if (variant.coupled === true) found.push(say`coupled gates`);
  if (variant.clip !== undefined) found.push(say`clip ${variant.clip}`);
  if (variant.projection !== undefined) found.push(say`projection`);
  return found;
}

const describeHead = ({ output, layers }: Head, classes: readonly string[] | undefined): HeadDescription => ({
  output,
  layers: layers.map((layer) => ({
    inputSize: layer.inputSize,
    outputSize: layer.outputSize,
    bias: layer.bias !== undefined,
    activation: layer.activation?.name,
  })),
  classes,
});
