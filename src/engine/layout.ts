/**
 * The one table that says where every value of a step lies. A record is what one step leaves behind: for each layer,
 * each of its signals [units], then the loss. Records of a window are rows [tokens, width]; engine, trace, export and
 * hover all find a signal by its column here.
 */
import { SIGNALS, type Scale, type SignalName } from '../shared/signals';
import { hiddenSize, squashingsOf, type LayerWeights } from './network';
import { scaleOf } from './squashing';

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

/** With the prefix of its signals' names; `l0`, `l1` … where absent. */
export type LayerShape = Pick<LayerWeights, 'cell' | 'activation' | 'units' | 'variant'> & { readonly name?: string };

export function recordLayout(layers: readonly LayerShape[], withLoss: boolean): RecordLayout {
  const columns: Column[] = [];
  let offset = 0;
  for (const [layer, shape] of layers.entries()) {
    for (const { name } of SIGNALS[shape.cell]) {
      const units = name === 'hidden' ? hiddenSize(shape) : shape.units;
      columns.push({
        name: `${shape.name ?? `l${String(layer)}`}.${name}`,
        layer,
        signal: name,
        scale: signalScale(shape, name),
        offset,
        units,
      });
      offset += units;
    }
  }
  if (withLoss) {
    columns.push({ name: 'loss', layer: -1, signal: 'loss', scale: 'positive', offset, units: 1 });
    offset += 1;
  }
  return { columns, width: Math.ceil(offset / 4) * 4 };
}

/** How a signal of such a layer lies; only the usual functions keep it where SIGNALS says. */
function signalScale(shape: LayerShape, signal: SignalName): Scale {
  const [f = 'signed', g = f, h = g] = squashingsOf(shape).map(scaleOf);
  switch (signal) {
    case 'cell':
      return 'free';
    case 'candidate':
      return g;
    case 'hidden':
      // A product of gates and a squashed value stays where that value is; a projection is a sum of any size.
      if (shape.cell === 'rnn') return f;
      return f === 'gate' && h !== 'free' && !shape.variant?.projection ? 'signed' : 'free';
    default:
      return f;
  }
}

/** @returns the column, or undefined where the layout has none such */
export function findColumn(layout: RecordLayout, layer: number, signal: SignalName | 'loss'): Column | undefined {
  return layout.columns.find((c) => c.signal === signal && (signal === 'loss' || c.layer === layer));
}
