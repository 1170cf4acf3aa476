/**
 * A page of the inspector's parts with made-up values, without the view around them. What to show is in the page's
 * address: `?part=cell|why|lines&cell=lstm|gru|rnn&width=320&state=idle|left|first|pending|own|nan&why=1`; for
 * lines also `from`, `to`, `level`, `units=3,17`, `cursor`.
 */
import '../../../webview/styles.css';
import type { CellKind, SignalName } from '../../../src/shared/signals';
import { DERIVED, SIGNALS } from '../../../src/shared/signals';
import type { Extent, LayerInfo, Why } from '../../../src/shared/trace';
import { colourAt } from '../../../webview/draw/maps';
import { readTheme } from '../../../webview/draw/theme';
import { positionOf, scaleOf } from '../../../webview/layout/scale';
import { createCellView, type CellInput } from '../../../webview/ui/cellView';
import { lineSignals } from '../../../webview/layout/lines';
import type { HeldSeries } from '../../../webview/series';
import { createLinePlots, type LinePlots, type LinesInput } from '../../../webview/ui/linePlot';
import { synthesise } from './synthetic';
import { createWhyView } from '../../../webview/ui/whyView';
import { GATES } from './gates';

const query = new URLSearchParams(location.search);
const cell = (query.get('cell') ?? 'lstm') as CellKind;
const state = query.get('state') ?? '';
const theme = readTheme(document.body);

const layer: LayerInfo = {
  name: 'l0',
  cell,
  inputSize: 256,
  units: 256,
  signals: SIGNALS[cell],
  ...(state === 'own' ? {} : { derived: DERIVED[cell] }),
};

const VALUES: Readonly<Record<CellKind, CellInput['values']>> = {
  lstm: {
    input: 0.12,
    forget: 0.93,
    candidate: -0.4,
    output: 0.8,
    cell: 0.93 * 0.51 - 0.12 * 0.4,
    hidden: 0.8 * Math.tanh(0.93 * 0.51 - 0.12 * 0.4),
  },
  gru: { reset: 0.31, update: 0.85, candidate: -0.62, hidden: 0.15 * -0.62 + 0.85 * 0.51 },
  rnn: { hidden: Math.tanh(0.758) },
};

function colour(signal: SignalName, value: number): string {
  const scale = layer.signals.find(({ name }) => name === signal)?.scale ?? 'free';
  const map = scale === 'gate' ? theme.maps.sequential : theme.maps.diverging;
  return colourAt(map, positionOf(scaleOf(scale, { peak: 2, bulk: 2 }), value));
}

function cellPart(): HTMLElement {
  const view = createCellView();
  const [only] = GATES[cell];
  const why: Why = { token: 1204, layer: 0, unit: 17, gates: GATES[cell] };
  const told = query.has('why') ? { why } : {};
  // Of a SimpleRNN the reasons are all of it.
  const values = query.has('why') && cell === 'rnn' && only !== undefined ? { hidden: only.value } : VALUES[cell];
  const input: CellInput = { layer, unit: 17, token: 1204, glyph: 'e', values, before: 0.51, colour, ...told };
  if (state === 'nan') {
    const none = Object.fromEntries(Object.keys(values).map((name) => [name, NaN]));
    view.update({ ...input, values: none, before: NaN });
  } else if (state === 'left') {
    view.update({ ...input, layer: { ...layer, cell: 'lstm', signals: SIGNALS.lstm }, values: VALUES.lstm });
    view.update(undefined, cell);
  } else if (state === 'idle') view.update(undefined, cell);
  else view.update(state === 'first' ? { ...input, values: {} } : input);
  if (state === 'pending') view.update({ ...input, token: 1205, values: {} });
  return view.element;
}

/** What was chosen, for tests. */
const chosen: string[] = [];

function whyPart(): HTMLElement {
  const view = createWhyView({
    go: (of, unit) => {
      chosen.push(`${String(of)}/${String(unit)}`);
    },
  });
  const why: Why = { token: 1204, layer: 0, unit: 17, gates: GATES[cell] };
  if (state === 'idle') view.update(undefined, undefined);
  else view.update(layer, state === 'first' ? undefined : why);
  if (state === 'pending') view.update(layer, undefined);
  return view.element;
}

const trace = synthesise({ tokens: 4000, cell, layers: 1, units: 64 });

/** A stretch of a unit as the worker would answer. */
function heldOf(unit: number, level: number, first: number, columns: number): HeldSeries {
  const signals = lineSignals(layer);
  const per = 2 ** level;
  const values = signals.map((signal): Extent => {
    const [min, mean, max] = [0, 1, 2].map(() => new Float32Array(columns)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let c = 0; c < columns; c++) {
      const all = Array.from({ length: per }, (_, i) => trace.value(0, signal, unit, (first + c) * per + i));
      min[c] = Math.min(...all);
      max[c] = Math.max(...all);
      mean[c] = all.reduce((sum, value) => sum + value, 0) / per;
    }
    return { min, mean, max };
  });
  const request = { trace: 1, layer: 0, unit, signals, level, first, columns };
  return { request, series: { first, columns, values } };
}

function linesPart(): HTMLElement {
  const width = Number(query.get('width') ?? '320');
  const [left, level] = [width < 420 ? 24 : 32, Number(query.get('level') ?? '0')];
  const from = Number(query.get('from') ?? '100');
  const to = Number(query.get('to') ?? '160');
  const units = (query.get('units') ?? '17').split(',').map(Number);
  const first = Math.floor(from / 2 ** level);
  const columns = Math.ceil(to / 2 ** level) - first;
  const view = createLinePlots({
    hover: (token) => {
      chosen.push(`hover ${String(token)}`);
    },
    pick: (token, of, unit) => {
      chosen.push(`pick ${String(token)} ${String(of)}/${String(unit)}`);
    },
    unpin: (of, unit) => {
      chosen.push(`unpin ${String(of)}/${String(unit)}`);
    },
  });
  const cursor = query.get('cursor');
  const input = (): LinesInput => ({
    from,
    to,
    left,
    width: width - left,
    units:
      state === 'idle'
        ? []
        : units.map((unit) => ({
            layer,
            layerIndex: 0,
            unit,
            held: state === 'first' ? undefined : heldOf(unit, level, first, columns),
          })),
    theme: readTheme(document.body),
    cursor: cursor === null ? undefined : Number(cursor),
  });
  // It must be in the page before it has a size.
  queueMicrotask(() => {
    view.update(input());
  });
  window.gallery = { chosen, heldOf, lines: view, input };
  return view.element;
}

declare global {
  interface Window {
    gallery: {
      readonly chosen: readonly string[];
      readonly heldOf: typeof heldOf;
      readonly lines?: LinePlots;
      readonly input?: () => LinesInput;
    };
  }
}
window.gallery = { chosen, heldOf };

const PARTS: Readonly<Record<string, () => HTMLElement>> = { cell: cellPart, why: whyPart, lines: linesPart };

const main = document.createElement('main');
main.style.width = `${query.get('width') ?? '320'}px`;
main.style.padding = '8px';
const part = PARTS[query.get('part') ?? 'cell'];
if (part !== undefined) main.append(part());
document.getElementById('app')?.append(main);
