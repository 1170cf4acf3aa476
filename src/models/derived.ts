/**
 * Recurrent weights that a file keeps in parts or under another name: those of weight_norm, by its parametrisation
 * (https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html) or its older hook, and
 * those of a weight-dropped LSTM, as fastai and AWD-LSTM save it.
 */
import { countOf, type Tensor, type TensorFile } from './tensors';

const WEIGHT = String.raw`weight_(?:ih|hh|hr)(?:_l\d{1,3}(?:_reverse)?)?`;

/** `lstm.parametrizations.weight_hh_l0.original0`, its magnitudes; `original1` has its directions. */
const PARAMETRISED = new RegExp(String.raw`^(?<prefix>|.*\.)parametrizations\.(?<weight>${WEIGHT})\.original0$`, 'su');
/** `lstm.weight_hh_l0_g`, its magnitudes; `weight_hh_l0_v` has its directions. */
const HOOKED = new RegExp(String.raw`^(?<prefix>|.*\.)(?<weight>${WEIGHT})_g$`, 'su');
/** `rnns.0.weight_hh_l0_raw`, before dropout; the other weights are in `rnns.0.module`. */
const DROPPED = new RegExp(String.raw`^(?<prefix>|.*\.)(?<weight>${WEIGHT})_raw$`, 'su');

/** `encoder_dp.emb.weight`: fastai's dropout of an embedding holds `encoder.weight` a second time. */
const TWICE = /^(?<table>.*)_dp\.emb\.weight$/su;

/** The file with these weights under the names that its stack is found by, each where its first part stands. */
export function withDerived(source: TensorFile): TensorFile {
  const tensors = new Map<string, Tensor>();
  const parts = new Set<string>();
  for (const [name, tensor] of source.tensors) {
    const made = derivedOf(source.tensors, name, tensor);
    if (source.tensors.has(`${TWICE.exec(name)?.groups?.['table'] ?? ''}.weight`)) parts.add(name);
    if (made === undefined) continue;
    tensors.set(made.tensor.name, made.tensor);
    for (const part of made.parts) parts.add(part);
  }
  if (parts.size === 0) return source;
  const all = new Map<string, Tensor>();
  for (const [name, tensor] of source.tensors) {
    const made = derivedOf(source.tensors, name, tensor);
    if (made) all.set(made.tensor.name, made.tensor);
    else if (!parts.has(name) && !tensors.has(name)) all.set(name, tensor);
  }
  return { ...source, tensors: all };
}

interface Derived {
  readonly tensor: Tensor;
  /** Names of the tensors that it is made of. */
  readonly parts: readonly string[];
}

function derivedOf(tensors: TensorFile['tensors'], name: string, first: Tensor): Derived | undefined {
  const dropped = DROPPED.exec(name)?.groups;
  if (dropped) {
    const { prefix = '', weight = '' } = dropped;
    const inside = `${prefix}module.`;
    const wrapped = [...tensors.keys()].some((other) => other.startsWith(`${inside}weight_`));
    // AWD-LSTM's own keeps the raw weight inside the module, beside the others.
    return {
      tensor: { ...first, name: `${wrapped ? inside : prefix}${weight}`, read: () => first.read() },
      parts: [name],
    };
  }
  const normed = PARAMETRISED.exec(name)?.groups ?? HOOKED.exec(name)?.groups;
  if (normed === undefined) return undefined;
  const { prefix = '', weight = '' } = normed;
  const other = name.endsWith('_g') ? `${name.slice(0, -1)}v` : name.replace(/0$/u, '1');
  const direction = tensors.get(other);
  const [rows = 0] = direction?.shape ?? [];
  // A magnitude for each row is PyTorch's default; one for all, or for each column, is not known here.
  if (direction?.shape.length !== 2 || countOf(first) !== rows) return undefined;
  const read = (): Float32Array => normalised(direction.read(), first.read());
  return { tensor: { name: `${prefix}${weight}`, shape: direction.shape, read }, parts: [name, other] };
}

/** w = g v / |v|, row by row. @param magnitudes one a row */
function normalised(directions: Float32Array, magnitudes: Float32Array): Float32Array {
  const columns = directions.length / magnitudes.length;
  for (const [row, magnitude] of magnitudes.entries()) {
    const values = directions.subarray(row * columns, (row + 1) * columns);
    const scale = magnitude / Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    for (const [column, value] of values.entries()) values[column] = value * scale;
  }
  return directions;
}
