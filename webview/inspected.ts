/** What the inspector's pages are about, without a DOM: the unit at the crosshair, its cell, and the units that are pinned. */
import { memoryOf, type SignalName } from '../src/shared/signals';
import type { LayerInfo, SeriesRequest, TokenRow } from '../src/shared/trace';
import { lineSignals } from './layout/lines';
import { stretchOf } from './series';
import { cursorOf, doneOf, traceOf, type State } from './state';
import type { CellInput } from './ui/cellView';
import type { WhyRequest } from './whys';

/** The unit at the crosshair at its token; undefined where no unit is, or the token is not traced yet. */
export function unitAt(state: State): { readonly at: WhyRequest; readonly layer: LayerInfo } | undefined {
  const cursor = cursorOf(state);
  const trace = traceOf(state);
  const layer = trace?.info.model.layers[cursor?.layer ?? -1];
  if (cursor?.unit === undefined || cursor.token >= doneOf(state)) return undefined;
  if (trace === undefined || layer === undefined) return undefined;
  return { at: { trace: trace.info.id, token: cursor.token, layer: cursor.layer, unit: cursor.unit }, layer };
}

/**
 * What a row says of one unit's cell: no values where it has not come, or has no such unit.
 *
 * @param row of the unit's token; undefined until it has come
 */
export function cellValues(
  { token, layer: index, unit }: WhyRequest,
  layer: LayerInfo,
  row: TokenRow | undefined,
): Pick<CellInput, 'layer' | 'unit' | 'token' | 'glyph' | 'values' | 'before'> {
  const own = row?.layers[index];
  const values: Partial<Record<SignalName, number>> = {};
  for (const [i, { name }] of layer.signals.entries()) {
    const value = own?.[i]?.[unit];
    if (value !== undefined) values[name] = value;
  }
  const size = own?.[layer.signals.findIndex(({ name }) => name === memoryOf(layer.cell))]?.length ?? 0;
  return {
    layer,
    unit,
    token,
    glyph: row?.glyph.text ?? '',
    values: unit < size ? values : {},
    before: row?.before[index]?.[unit] ?? 0,
  };
}

export interface PinnedUnit {
  readonly layer: LayerInfo;
  readonly layerIndex: number;
  readonly unit: number;
  /** Of its lines in sight. */
  readonly request: SeriesRequest;
}

/** Layer by layer, in the order in which they were pinned; those that a layer has not are passed over. */
export function pinnedUnits(state: State, level: number): readonly PinnedUnit[] {
  const info = traceOf(state)?.info;
  if (info === undefined) return [];
  const stretch = stretchOf(state.axis, level);
  return info.model.layers.flatMap((layer, layerIndex) =>
    (state.choices.rows.pins[layer.name] ?? [])
      .filter((unit) => unit < layer.units)
      .map((unit) => ({
        layer,
        layerIndex,
        unit,
        request: { trace: info.id, layer: layerIndex, unit, signals: lineSignals(layer), level, ...stretch },
      })),
  );
}
