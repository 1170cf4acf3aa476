/** The picture as a table: of each track the least, mean and greatest value in sight, and the values of a marked token. */
import { t } from '../l10n';
import { formatCount, formatRough, formatValue } from '../layout/numbers';
import type { Summary } from '../summaries';
import { el, setText } from './dom';

export interface TableRow {
  readonly track: string;
  /** Undefined while nothing of it is at hand. */
  readonly summary: Summary | undefined;
  /** At the marked token; undefined without a mark, or while it is on its way. */
  readonly marked: number | undefined;
}

export interface TableContents {
  /** What the picture shows, in a sentence or two. */
  readonly caption: string;
  /** Heading of the last column; empty without a mark. */
  readonly mark: string;
  readonly rows: readonly TableRow[];
}

export interface Table {
  readonly element: HTMLElement;
  readonly update: (contents: TableContents) => void;
}

const place = (token: number): string => t('at token {0}', formatCount(token));

function rowOf({ track, summary, marked }: TableRow, mark: string): HTMLElement {
  const cells =
    summary === undefined
      ? [el('td', { colspan: '3', class: 'none' }, t('not here yet'))]
      : [
          el('td', {}, formatRough(summary.least.value), el('span', {}, place(summary.least.token))),
          el('td', {}, formatRough(summary.mean)),
          el('td', {}, formatRough(summary.greatest.value), el('span', {}, place(summary.greatest.token))),
        ];
  const own = mark === '' ? [] : [el('td', {}, marked === undefined ? '–' : formatValue(marked))];
  return el('tr', {}, el('th', { scope: 'row' }, track), ...cells, ...own);
}

export function createTable(): Table {
  const caption = el('caption');
  const head = el('tr');
  const body = el('tbody');
  const element = el(
    'div',
    { class: 'table', role: 'region', 'aria-label': t('Values in sight') },
    el('table', {}, caption, el('thead', {}, head), body),
  );
  let shown = '';
  return {
    element,
    update: (contents) => {
      const key = JSON.stringify(contents);
      if (key === shown) return;
      shown = key;
      setText(caption, contents.caption);
      const titles = [t('track'), t('least'), t('mean'), t('greatest'), contents.mark];
      head.replaceChildren(...titles.filter((title) => title !== '').map((title) => el('th', { scope: 'col' }, title)));
      body.replaceChildren(...contents.rows.map((row) => rowOf(row, contents.mark)));
    },
  };
}
