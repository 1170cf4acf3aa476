/**
 * Where the columns of a stream come from: an input, a direction of a recurrent layer, a dense layer. A source owns a
 * run of column numbers; a stream is a list of such numbers.
 */
import type { Squashing } from '../../engine/squashing';
import type { CellKind } from '../../shared/signals';
import type { CellVariant, GruForm } from '../../engine/network';
import type { Constant } from './values';
import { NotFollowed } from './values';
import { say } from '../../shared/l10n';

interface Common {
  /** Its columns are [first, first + width). */
  readonly first: number;
  readonly width: number;
  /** For people: `LSTM "encoder"`. */
  readonly label: string;
  /** Recurrent layers up to here, and what stands behind the last of them. */
  readonly layers: number;
  readonly behind: number;
}

/** A graph's input as it is. */
export interface RawSource extends Common {
  readonly kind: 'raw';
  readonly input: string;
  readonly integers: boolean;
}

/** Tokens as rows of a table [vocab, width], or one-hot without one. */
export interface TokensSource extends Common {
  readonly kind: 'tokens';
  readonly vocab: number;
  readonly table: Constant | undefined;
  readonly input: RawSource;
}

/** A direction's weights in ONNX's arrangement, of the node's all directions at once. */
export interface NodeWeights {
  readonly cell: CellKind;
  readonly gruForm: GruForm;
  readonly inputSize: number;
  readonly units: number;
  /** [directions, gates * units, inputSize] */
  readonly w: Constant;
  /** [directions, gates * units, units] */
  readonly r: Constant;
  /** [directions, 2 * gates * units] */
  readonly b: Constant | undefined;
  /** [directions, 3 * units] */
  readonly p: Constant | undefined;
}

/** The hidden states of one direction of a recurrent node. */
export interface DirectionSource extends Common {
  readonly kind: 'direction';
  /** Of the node, the same for its directions. */
  readonly node: number;
  readonly place: number;
  readonly reverse: boolean;
  /** What it reads. */
  readonly feed: Int32Array;
  readonly weights: NodeWeights;
  readonly activation: 'tanh' | 'relu';
  readonly variant: Omit<CellVariant, 'peephole'>;
}

/** The cell states of a direction: they are seen, but nothing can be put behind them. */
export interface CellSource extends Common {
  readonly kind: 'cell';
}

/** Both directions of a layer in one. */
export interface MergeSource extends Common {
  readonly kind: 'merge';
  readonly merge: 'sum' | 'average' | 'multiply';
  readonly feed: Int32Array;
}

/** y = activation(weight x + bias). */
export interface DenseSource extends Common {
  readonly kind: 'dense';
  readonly feed: Int32Array;
  /** [width, feed.length]; [width] where it is diagonal; absent for 1. */
  readonly weight: Constant | undefined;
  readonly diagonal: boolean;
  /** [width] */
  readonly bias: Constant | undefined;
  readonly activation: Squashing | undefined;
}

/** Softmax or LogSoftmax: logits are what it reads. */
export interface SoftmaxSource extends Common {
  readonly kind: 'softmax';
  readonly feed: Int32Array;
}

export type Source =
  RawSource | TokensSource | DirectionSource | CellSource | MergeSource | DenseSource | SoftmaxSource;

/** What is read as a whole: one source, or the directions of one layer side by side. */
export interface Vector {
  readonly sources: readonly [Source, ...Source[]];
  readonly width: number;
  /** Place in the whole of each column that is read; undefined where it is the whole in its order. */
  readonly columns: Int32Array | undefined;
}

/** Column numbers stay within 31 bits, and what is told column by column within some megabytes. */
const MOST_COLUMNS = 2_000_000;

type Added<T extends Source> = Omit<T, 'first'>;

export class Sources {
  private readonly all: Source[] = [];
  private total = 0;

  /** Its columns follow on those before. @throws NotFollowed beyond the limit */
  add<T extends Source>(source: Added<T>): T {
    if (!(source.width >= 1 && this.total + source.width <= MOST_COLUMNS)) {
      throw new NotFollowed(say`it has ${source.width} columns`);
    }
    // The only field that was left out is put back.
    const added = { ...source, first: this.total } as unknown as T;
    this.all.push(added);
    this.total += source.width;
    return added;
  }

  columnsOf({ first, width }: Source): Int32Array {
    return Int32Array.from({ length: width }, (_, k) => first + k);
  }

  /** The source that a column belongs to. */
  of(column: number): Source {
    let [low, high] = [0, this.all.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.all[middle]?.first ?? Infinity) <= column) low = middle;
      else high = middle - 1;
    }
    const found = this.all[low];
    if (found === undefined) throw new Error(`There is no column ${String(column)}.`);
    return found;
  }

  /** The sources of some columns, each once, in the order in which they come. */
  among(columns: Iterable<number>): Source[] {
    const found = new Set<Source>();
    let last: Source | undefined;
    for (const column of columns) {
      if (last && column >= last.first && column < last.first + last.width) continue;
      last = this.of(column);
      found.add(last);
    }
    return [...found];
  }

  /** What was found. */
  list(): readonly Source[] {
    return this.all;
  }

  /** The columns as a part of one whole. @throws NotFollowed where they come from different ones */
  vector(columns: Int32Array): Vector {
    const found = this.among(columns);
    const [first, ...more] = found;
    if (first === undefined) throw new NotFollowed(say`it reads nothing`);
    const sources = first.kind === 'direction' ? this.layerOf(first, more) : more.length === 0 ? [first] : undefined;
    const [one, ...others] = sources ?? [];
    if (one === undefined) {
      throw new NotFollowed(
        say`it joins ${found
          .slice(0, 4)
          .map(({ label }) => label)
          .join(' and ')}`,
      );
    }
    const starts = new Map<Source, number>();
    let width = 0;
    for (const source of [one, ...others]) {
      starts.set(source, width);
      width += source.width;
    }
    const places = columns.map((column) => {
      const source = this.of(column);
      return (starts.get(source) ?? 0) + column - source.first;
    });
    const whole = places.length === width && places.every((place, k) => place === k);
    return { sources: [one, ...others], width, columns: whole ? undefined : places };
  }

  /** The directions that read side by side with one; undefined where there are others among those that are asked for. */
  private layerOf(first: DirectionSource, more: readonly Source[]): Source[] | undefined {
    const same = this.all.filter((one) => one.kind === 'direction' && one.node === first.node);
    if (more.every((one) => same.includes(one))) return same;
    const [other] = more;
    if (same.length > 1 || more.length > 1 || other?.kind !== 'direction' || other.reverse === first.reverse) {
      return undefined;
    }
    const twins = this.all.filter((one) => one.kind === 'direction' && one.node === other.node);
    const alike = other.feed.length === first.feed.length && other.feed.every((column, k) => column === first.feed[k]);
    if (twins.length > 1 || !alike) return undefined;
    return first.reverse ? [other, first] : [first, other];
  }
}
