/**
 * From the last source that a graph was followed to, down to its input: one RecurrentNetwork, with weights that are read
 * when asked for. Dense layers in front of a recurrent one are multiplied into its weights, or into the table of tokens.
 */
import { GATES, type LayerWeights } from '../../engine/network';
import type { DenseLayer, RecurrentNetwork } from '../../engine/recurrent';
import type { Merge, RecurrentLayer } from '../../engine/sequence';
import { squash } from '../../engine/squashing';
import { at } from '../../engine/vector';
import { quote, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { sizeOf } from './arrays';
import type { Context } from './context';
import { WIDEST_DIAGONAL } from './dense';
import { PEEPHOLE_BLOCKS, ROW_BLOCKS } from './recurrentNode';
import type { DenseSource, DirectionSource, Source, TokensSource, Vector } from './sources';
import { NotFollowed, type Constant } from './values';

export interface Built {
  readonly network: RecurrentNetwork;
  /** Labels of the sources that take part. */
  readonly used: ReadonlySet<string>;
  readonly input: string;
  /** Whether a Softmax or LogSoftmax is the last of the head. */
  readonly softmax: boolean;
  readonly parameters: number;
}

/** Multiplications for a table that dense layers are put into: a second or two. */
const MOST_PRODUCTS = 4e9;

/** @param last the deepest source @throws model-unsupported, by the operator's name */
export function buildNetwork(context: Context, last: Source): Built {
  return new Builder(context).build(last);
}

class Builder {
  private readonly used = new Set<string>();
  private readonly odd = new Set<string>();
  private readonly trained = new Set<Constant>();
  private readonly largest: number;
  private total = 0;

  constructor(private readonly context: Context) {
    this.largest = context.limits.values;
  }

  build(last: Source): Built {
    const softmax = last.kind === 'softmax';
    let vector = this.vector(softmax ? last.feed : this.context.sources.columnsOf(last));
    const head: DenseLayer[] = [];
    for (let [source] = vector.sources; source.kind === 'dense'; [source] = vector.sources) {
      this.takePart(source);
      vector = this.vector(source.feed);
      head.unshift(this.dense(source, vector));
    }
    const layers: RecurrentLayer[] = [];
    let [bottom] = vector.sources;
    while (bottom.kind === 'direction' || bottom.kind === 'merge') {
      const [layer, below] = this.layer(vector);
      layers.unshift(layer);
      vector = below;
      [bottom] = vector.sources;
    }
    const { input, name } = this.input(bottom);
    return {
      network: { input, layers, head: head.length === 0 ? undefined : { layers: head, output: 'values' } },
      used: this.used,
      input: name,
      softmax,
      parameters: [...this.trained].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    };
  }

  private takePart({ label, weight, bias }: DenseSource): void {
    this.used.add(label);
    for (const constant of [weight, bias]) if (constant) this.take(constant);
  }

  /** A constant that is a part of the network. */
  private take(constant: Constant): void {
    this.trained.add(constant);
    try {
      this.context.charge(constant.cost);
    } catch (error) {
      if (!(error instanceof NotFollowed)) throw error;
      throw unsupported(
        this.context.file,
        say`Its weights take too much work to be put together.`,
        say`Export it with constant folding.`,
      );
    }
  }

  private vector(columns: Int32Array): Vector {
    try {
      return this.context.sources.vector(columns);
    } catch (error) {
      if (error instanceof NotFollowed) throw this.refusal(error.text);
      throw error;
    }
  }

  private refusal(what: Text): Error {
    const sentence = say`In front of its recurrent layers, ${what}.`;
    return unsupported(this.context.file, sentence, say`An embedding, one-hot tokens or numbers are supported.`);
  }

  /** A layer and the vector that it reads, with the dense layers between them multiplied in. */
  private layer(vector: Vector): [RecurrentLayer, below: Vector] {
    const [source] = vector.sources;
    if (source.kind === 'merge') {
      this.used.add(source.label);
      const [layer, below] = this.layer(this.vector(source.feed));
      return [{ ...layer, merge: source.merge }, below];
    }
    const directions = vector.sources.filter((one) => one.kind === 'direction');
    const [first] = directions;
    if (first === undefined) throw this.refusal(say`there is ${source.label}`);
    for (const { label } of directions) this.used.add(label);
    const feeds: Feed[] = [];
    let below = this.vector(first.feed);
    for (let columns = below.columns; ; columns = below.columns) {
      const [dense] = below.sources;
      if (columns) feeds.push({ columns, width: below.width });
      if (dense.kind !== 'dense' || this.standsOnTokens(dense)) break;
      this.takePart(dense);
      feeds.push(dense);
      below = this.vector(dense.feed);
    }
    const merge: Merge = 'concat';
    return [
      {
        merge,
        directions: directions.map((one) => ({ reverse: one.reverse, weights: this.weights(one, feeds, below.width) })),
      },
      below,
    ];
  }

  private standsOnTokens(dense: DenseSource): boolean {
    let source: Source = dense;
    while (source.kind === 'dense') [source] = this.vector(source.feed).sources;
    return source.kind === 'tokens';
  }

  private weights(source: DirectionSource, feeds: readonly Feed[], inputSize: number): LayerWeights {
    const { weights, activation, variant, place } = source;
    const { cell, gruForm, units, w, r, b, p } = weights;
    const rows = GATES[cell] * units;
    const blocks = ROW_BLOCKS[cell];
    const part = (constant: Constant, from: number, size: number, order: readonly number[] = blocks): Float32Array =>
      gather(this.values(constant), from, order, size);
    // W is read once more for a bias that dense layers in front add to.
    for (const constant of [w, w, r, b, b, p]) if (constant) this.take(constant);
    const shifts = feeds.some((feed) => 'bias' in feed && feed.bias !== undefined);
    this.grow(rows * (inputSize + units + 2));
    const own = (): Float32Array => part(w, place * rows * weights.inputSize, units * weights.inputSize);
    const biasIh = (): Float32Array | undefined => {
      const bias = b ? part(b, place * 2 * rows, units) : undefined;
      return shifts ? this.shifted(own(), bias ?? new Float32Array(rows), feeds, rows) : bias;
    };
    const [values, variantHas] = [this.values.bind(this), Object.keys(variant).length > 0 || p !== undefined];
    return {
      cell,
      activation,
      ...(cell === 'gru' && { gruForm }),
      inputSize,
      units,
      get weightIh() {
        let matrix: Float32Array = own();
        for (const feed of feeds) matrix = through(matrix, rows, feed, values);
        return matrix;
      },
      get weightHh() {
        return part(r, place * rows * units, units * units);
      },
      get biasIh() {
        return biasIh();
      },
      get biasHh() {
        return b && part(b, (place * 2 + 1) * rows, units);
      },
      ...(variantHas && {
        variant: {
          ...variant,
          ...(p && {
            get peephole() {
              return part(p, place * 3 * units, units, PEEPHOLE_BLOCKS);
            },
          }),
        },
      }),
    };
  }

  /** The bias with what the dense layers in front add to each sum. */
  private shifted(own: Float32Array, bias: Float32Array, feeds: readonly Feed[], rows: number): Float32Array {
    let matrix = own;
    const sum = Float64Array.from(bias);
    for (const feed of feeds) {
      if ('bias' in feed && feed.bias) {
        const shift = this.values(feed.bias);
        for (let row = 0; row < rows; row++) {
          for (let k = 0; k < shift.length; k++)
            sum[row] = at(sum, row) + at(matrix, row * shift.length + k) * at(shift, k);
        }
      }
      matrix = through(matrix, rows, feed, (constant) => this.values(constant));
    }
    return Float32Array.from(sum);
  }

  private dense(source: DenseSource, below: Vector): DenseLayer {
    const { width, weight, diagonal, bias, activation } = source;
    if (diagonal && width > WIDEST_DIAGONAL) {
      throw unsupported(
        this.context.file,
        say`${source.label} stands alone over ${width} values.`,
        say`Up to ${WIDEST_DIAGONAL} are supported.`,
      );
    }
    this.grow(width * below.width + width);
    const values = this.values.bind(this);
    return {
      inputSize: below.width,
      outputSize: width,
      get weight() {
        const matrix = diagonal ? diagonalMatrix(weight && values(weight), width) : weight ? values(weight) : NONE;
        return below.columns ? spread(matrix, width, { columns: below.columns, width: below.width }) : matrix;
      },
      get bias() {
        return bias && values(bias);
      },
      activation,
    };
  }

  private input(bottom: Source): { readonly input: RecurrentNetwork['input']; readonly name: string } {
    const dense: DenseSource[] = [];
    let source = bottom;
    while (source.kind === 'dense') {
      dense.unshift(source);
      this.takePart(source);
      const below = this.vector(source.feed);
      if (below.columns) throw this.refusal(say`${source.label} reads a part of the values`);
      [source] = below.sources;
    }
    if (source.kind === 'raw' && dense.length === 0) {
      return { input: { kind: 'numbers', width: source.width }, name: source.input };
    }
    if (source.kind !== 'tokens') throw this.refusal(say`there is ${source.label}`);
    const { vocab, table } = source;
    if (table) this.take(table);
    const width = dense.at(-1)?.width ?? source.width;
    this.used.add(source.label);
    if (table === undefined && dense.length === 0) {
      return { input: { kind: 'tokens', vocab, width, table: undefined }, name: source.input.input };
    }
    this.grow(vocab * width);
    const products = dense.reduce((sum, { feed, width: to, diagonal }) => sum + (diagonal ? to : feed.length * to), 0);
    if (vocab * products > MOST_PRODUCTS) {
      throw this.refusal(say`${dense[0]?.label ?? ''} over ${vocab} tokens is too large to be worked out`);
    }
    const read = (): Float32Array => this.table(source, dense);
    return {
      input: {
        kind: 'tokens',
        vocab,
        width,
        get table() {
          return read();
        },
      },
      name: source.input.input,
    };
  }

  /** The rows of the embedding, put through the dense layers behind it. */
  private table({ vocab, width, table }: TokensSource, dense: readonly DenseSource[]): Float32Array {
    let rows: Float32Array | undefined = table && this.values(table);
    for (const { weight, diagonal, bias, activation, width: to, feed } of dense) {
      const from = feed.length;
      const matrix = weight && this.values(weight);
      const shift = bias && this.values(bias);
      const f = activation ? squash(activation) : (value: number): number => value;
      const out = new Float32Array(vocab * to);
      for (let v = 0; v < vocab; v++) {
        for (let k = 0; k < to; k++) {
          let sum = shift ? at(shift, k) : 0;
          if (diagonal) {
            sum += (matrix ? at(matrix, k) : 1) * (rows ? at(rows, v * from + k) : Number(v === k));
          } else if (matrix && rows) {
            for (let j = 0; j < from; j++) sum += at(matrix, k * from + j) * at(rows, v * from + j);
          } else if (matrix) {
            sum += at(matrix, k * from + v);
          }
          out[v * to + k] = f(sum);
        }
      }
      rows = out;
    }
    return rows ?? diagonalMatrix(undefined, width);
  }

  /** A constant's values as float32; those that are no numbers are told of once. */
  private values(constant: Constant): Float32Array {
    const values = constant.read();
    if (!this.odd.has(constant.name)) {
      let odd = 0;
      for (const value of values) if (!Number.isFinite(value)) odd++;
      if (odd > 0) {
        this.odd.add(constant.name);
        this.context.warn(say`Tensor ${quote(constant.name)} has ${odd} of ${values.length} values NaN or infinite.`);
      }
    }
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  /** A file may name one tensor many times: what it grows to is bounded by its size. */
  private grow(values: number): void {
    this.total += values;
    if (this.total > this.largest) {
      throw unsupported(
        this.context.file,
        say`Its layers come to more than ${this.largest} values, which is more than it holds.`,
        say`Export a model whose layers have weights of their own.`,
      );
    }
  }
}

/** A part of what is read, or a dense layer in front. */
type Feed = { readonly columns: Int32Array; readonly width: number } | DenseSource;

const NONE = new Float32Array(0);

/** Blocks of `size` values, from `from` on, in another order. */
function gather(values: Float32Array, from: number, blocks: readonly number[], size: number): Float32Array {
  const out = new Float32Array(blocks.length * size);
  for (const [k, block] of blocks.entries()) {
    out.set(values.subarray(from + block * size, from + (block + 1) * size), k * size);
  }
  return out;
}

function diagonalMatrix(scale: Float32Array | undefined, width: number): Float32Array {
  const matrix = new Float32Array(width * width);
  for (let k = 0; k < width; k++) matrix[k * width + k] = scale ? at(scale, k) : 1;
  return matrix;
}

/** A matrix over some columns as one over all of them. @param matrix [rows, columns.length] @returns [rows, width] */
function spread(
  matrix: Float32Array,
  rows: number,
  { columns, width }: { readonly columns: Int32Array; readonly width: number },
): Float32Array {
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < columns.length; k++) {
      const to = row * width + (columns[k] ?? 0);
      out[to] = at(out, to) + at(matrix, row * columns.length + k);
    }
  }
  return out;
}

/** A matrix over what a feed gives as one over what it reads. @param matrix [rows, the feed's outputs] */
function through(
  matrix: Float32Array,
  rows: number,
  feed: Feed,
  values: (constant: Constant) => Float32Array,
): Float32Array {
  if (!('kind' in feed)) return spread(matrix, rows, feed);
  const { width, weight, diagonal } = feed;
  if (weight === undefined) return matrix;
  const own = values(weight);
  if (diagonal) return matrix.map((value, k) => value * at(own, k % width));
  const inputs = feed.feed.length;
  const out = new Float32Array(rows * inputs);
  const sums = new Float64Array(inputs);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let k = 0; k < width; k++) {
      const factor = at(matrix, row * width + k);
      for (let c = 0; c < inputs; c++) sums[c] = at(sums, c) + factor * at(own, k * inputs + c);
    }
    out.set(sums, row * inputs);
  }
  return out;
}
