/** What a hover says about a character, as Markdown: a glance's worth. Pure. */
import type { Translate } from '../shared/l10n';
import type { LayerInfo, Explanation, HeadOutput, Mover, Prediction, SignalMean } from '../shared/trace';
import { SYMBOL, type SignalName } from '../shared/signals';
import { sparkline } from './sparkline';

export interface HoverContext {
  readonly layers: readonly LayerInfo[];
  readonly t: Translate;
  /** The address of a command that shows the character, and a unit if given, in the heatmap. */
  readonly link: (layer?: number, unit?: number) => string;
}

const NEXT = 5;
const OUTPUTS = 8;
const MOVERS = 3;

const GATES: readonly SignalName[] = ['forget', 'input', 'reset', 'update', 'candidate', 'output'];

/** Markdown whose every piece of the file's text is inside a code span. */
export function hoverText(explanation: Explanation, { layers, link, t }: HoverContext): string {
  const { glyph, labels, loss, next, actual, outputs = [], means, movers, around } = explanation;
  const parts = [
    code(visible(glyph.text)),
    labels.length > 1 ? t('{0} bytes {1}', labels.length, code(labels.join(' '))) : undefined,
    loss === undefined ? undefined : `**${t('{0} bits', short(loss / Math.LN2))}**`,
    `[${t('Show in Heatmap')}](${link()})`,
  ];
  const moved = movers.slice(0, MOVERS);
  const [first] = moved;
  const blocks = [
    parts.filter((part) => part !== undefined).join(' · '),
    next.length > 0 ? nextTable(next.slice(0, NEXT), actual, t) : '',
    outputs.length > 0 ? outputTable(outputs.slice(0, OUTPUTS), t) : '',
    stateTable(means, moved, { layers, link, t }),
  ];
  if (first !== undefined && around !== undefined) {
    const name = t('{0} of unit {1} at the tokens around', stateName(first), unitName(first, layers));
    blocks.push(`![${name}](${sparkline(around.values, around.at)} "${name}")`);
  }
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** The likeliest tokens side by side, each over its probability; what came in fact is marked, or stands apart. */
function nextTable(next: readonly Prediction[], actual: Prediction | undefined, t: Translate): string {
  const came = next.some(({ token }) => token === actual?.token);
  const columns = actual === undefined || came ? next : [...next, actual];
  const label = (column: Prediction): string =>
    column.token === actual?.token ? t('{0} came', cell(code(column.label))) : cell(code(column.label));
  return table(
    columns.map(() => ':--'),
    [
      [t('next'), ...columns.map(label)],
      ['', ...columns.map(({ probability: p }) => `${bar(p)} ${percent(p)}`)],
    ],
    ':--',
  );
}

/** What a head with classes or values says after the token, side by side. */
const outputTable = (outputs: readonly HeadOutput[], t: Translate): string =>
  table(
    outputs.map(() => ':--'),
    [
      [t('output'), ...outputs.map(({ label }) => cell(code(label)))],
      ['', ...outputs.map(({ kind, value }) => (kind === 'value' ? short(value) : `${bar(value)} ${percent(value)}`))],
    ],
    ':--',
  );

/** One row for each layer's means, one for each unit that moved; gates in the same columns. */
function stateTable(
  means: readonly (readonly SignalMean[])[],
  movers: readonly Mover[],
  { layers, link, t }: HoverContext,
): string {
  const rows = means.map((layer) => new Map(layer.map(({ signal, mean }) => [signal, mean])));
  const gates = GATES.filter(
    (name) => rows.some((row) => row.has(name)) || movers.some(({ values }) => values[name] !== undefined),
  );
  const state = rows.some((row) => row.has('cell')) || movers.some(({ values }) => values.cell !== undefined);
  const name: SignalName = state ? 'cell' : 'hidden';
  const letter = SYMBOL[name];
  if (rows.length === 0 && movers.length === 0) return '';
  return table(
    [...gates.map(() => '--:'), '--:', ':--'],
    [
      [t('unit'), ...gates.map((gate) => SYMBOL[gate]), t('{0} before', letter), t('→ after')],
      ...rows.map((row, n) => [
        means.length > 1 ? t('mean {0}', layers[n]?.name ?? '') : t('mean'),
        ...gates.map((gate) => optional(row.get(gate))),
        '',
        gates.length > 0 ? '' : optional(row.get(name)),
      ]),
      ...movers.map((mover) => [
        `[${unitName(mover, layers)}](${link(mover.layer, mover.unit)})`,
        ...gates.map((gate) => optional(mover.values[gate])),
        short(mover.before),
        `→ ${short(mover.after)}`,
      ]),
    ],
    ':--',
  );
}

const optional = (value: number | undefined): string => (value === undefined ? '' : short(value));

const stateName = ({ values }: Mover): 'cell' | 'hidden' => (values.cell === undefined ? 'hidden' : 'cell');

const unitName = ({ layer, unit }: Mover, layers: readonly LayerInfo[]): string =>
  layers.length > 1 ? `${layers[layer]?.name ?? ''}.${String(unit)}` : String(unit);

/** The first row is the head; `first` is the alignment of the first column. VS Code sets columns without a space. */
function table(
  alignment: readonly string[],
  [head = [], ...rows]: readonly (readonly string[])[],
  first: string,
): string {
  const spaced = (cells: readonly string[]): string[] => cells.map((text, n) => (n === 0 ? text : `&ensp;${text}`));
  return [spaced(head), [first, ...alignment], ...rows.map(spaced)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Two decimals, fewer for greater numbers, with a true minus sign. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return value < 0 && Number(digits) !== 0 ? `−${digits}` : digits;
}

export function percent(probability: number): string {
  const value = probability * 100;
  if (value < 0.095) return value === 0 ? '0 %' : '<0.1 %';
  return `${value.toFixed(value < 0.995 ? 2 : value < 9.95 ? 1 : 0)} %`;
}

/** A bar of block characters, four at most; never empty, so that a token is seen to have one. */
export function bar(probability: number): string {
  const eighths = Math.max(1, Math.round(probability * 4 * 8));
  return '█'.repeat(eighths >> 3) + ('▏▎▍▌▋▊▉'[(eighths % 8) - 1] ?? '');
}

/** A character as people can see it: spaces, ends of lines and controls by their signs. */
export function visible(text: string): string {
  const sign = SIGNS.get(text);
  if (sign !== undefined) return sign;
  const [first = ''] = text;
  const point = first.codePointAt(0) ?? 0;
  if (point < 0x20) return String.fromCodePoint(0x2400 + point);
  if (point === 0x7f) return '␡';
  // A control of direction would turn the hover's own text around; a mark or joiner alone cannot be seen.
  if (/^[\p{C}\p{Z}\p{M}]/u.test(text)) return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const clean = text.replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200E\u200F]/gu, '');
  const shown = Array.from(clean);
  return shown.length > 12 ? `${shown.slice(0, 12).join('')}…` : clean;
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  [' ', '␣'],
  ['\n', '↵'],
  ['\r', '␍'],
  ['\r\n', '↵'],
  ['\t', '⇥'],
]);

/** A code span that no text can leave: fenced by more backticks than it has in a row. */
export function code(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, '↵');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .* $/s.test(line) ? ' ' : '';
  return fence + pad + line + pad + fence;
}

/** A bar would end the cell, even inside a code span. */
const cell = (markdown: string): string => markdown.replaceAll('|', '\\|');
