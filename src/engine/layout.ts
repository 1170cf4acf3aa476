/**
 * The one table that says where every value of a step lies. A record is what one step leaves behind: for each layer,
 * each of its signals [units], then the loss. Records of a window are rows [tokens, width]; engine, trace, export and
 * hover all find a signal by its column here.
 */
import { SIGNALS, type CellKind, type Scale, type SignalName } from '../shared/signals';

export interface Column {
  /** `l0.forget`, or `loss`. */
  readonly name: string;
  readonly layer: number;
  readonly signal: SignalName | 'loss';
  readonly scale: Scale;
  /** First value in a record. */
  readonly offset: number;
  readonly units: number;
}

export interface RecordLayout {
  readonly columns: readonly Column[];
  /** Values in a record, a multiple of 4 so that vectors of four never straddle two records. */
  readonly width: number;
}

export interface LayerShape {
  readonly cell: CellKind;
  readonly activation: 'tanh' | 'relu';
  readonly units: number;
}

export function recordLayout(layers: readonly LayerShape[], withLoss: boolean): RecordLayout {
  const columns: Column[] = [];
  let offset = 0;
  for (const [layer, { cell, activation, units }] of layers.entries()) {
    for (const { name, scale } of SIGNALS[cell]) {
      const actual = cell === 'rnn' && activation === 'relu' ? 'free' : scale;
      columns.push({ name: `l${String(layer)}.${name}`, layer, signal: name, scale: actual, offset, units });
      offset += units;
    }
  }
  if (withLoss) {
    columns.push({ name: 'loss', layer: -1, signal: 'loss', scale: 'positive', offset, units: 1 });
    offset += 1;
  }
  return { columns, width: Math.ceil(offset / 4) * 4 };
}

/** @returns the column, or undefined where the layout has none such */
export function findColumn(layout: RecordLayout, layer: number, signal: SignalName | 'loss'): Column | undefined {
  return layout.columns.find((c) => c.signal === signal && (signal === 'loss' || c.layer === layer));
}
