/**
 * A page of the inspector's parts with made-up values, without the view around them. What to show is in the page's
 * address: `?part=cell|why|lines&cell=lstm|gru|rnn&width=320&state=idle|pending|own`.
 */
import '../../../webview/styles.css';
import type { CellKind, SignalName } from '../../../src/shared/signals';
import { DERIVED, SIGNALS } from '../../../src/shared/signals';
import type { LayerInfo } from '../../../src/shared/trace';
import { colourAt } from '../../../webview/draw/maps';
import { readTheme } from '../../../webview/draw/theme';
import { positionOf, scaleOf } from '../../../webview/layout/scale';
import { createCellView, type CellInput } from '../../../webview/ui/cellView';

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
  return colourAt(map, positionOf(scaleOf(scale, 2), value));
}

function cellPart(): HTMLElement {
  const view = createCellView();
  const input: CellInput = { layer, unit: 17, token: 1204, glyph: 'e', values: VALUES[cell], before: 0.51, colour };
  if (state === 'idle') view.update(undefined);
  else view.update(input);
  if (state === 'pending') view.update({ ...input, token: 1205, values: {} });
  return view.element;
}

const PARTS: Readonly<Record<string, () => HTMLElement>> = { cell: cellPart };

const main = document.createElement('main');
main.style.width = `${query.get('width') ?? '320'}px`;
main.style.padding = '8px';
const part = PARTS[query.get('part') ?? 'cell'];
if (part !== undefined) main.append(part());
document.getElementById('app')?.append(main);
