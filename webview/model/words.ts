/** What the page says of a matrix, its blocks and its cells, for eye and ear. No DOM. */
import type { MatrixInfo, MatrixStatistics } from '../../src/shared/modelInfo';
import type { Fact } from '../../src/shared/modelText';
import { SYMBOL, type SignalName } from '../../src/shared/signals';
import { formatCount } from '../layout/numbers';
import type { Span } from '../layout/matrix';
import { t } from '../l10n';

export const isRecurrent = ({ name }: Pick<MatrixInfo, 'name'>): boolean => name.endsWith('weight_hh');

/** What a matrix does. */
export const matrixTitle = (matrix: Pick<MatrixInfo, 'name'>): string =>
  isRecurrent(matrix) ? t('Recurrent: from the state before') : t('From the input');

export const matrixShape = ({ name, shape: [rows, columns] }: Pick<MatrixInfo, 'name' | 'shape'>): string =>
  `${name.replace(/^.*\./u, '')} [${String(rows)}, ${String(columns)}]`;

/** The letter of a gate; none for a cell without gates. */
export const symbolOf = (gate: SignalName): string | undefined => (gate === 'hidden' ? undefined : SYMBOL[gate]);

export const radiusText = (radius: number): string => `ρ\u2009${radius.toFixed(radius >= 99.95 ? 0 : 2)}`;

export function radiusHint(radius: number): string {
  const meaning =
    radius > 1 ? t('By itself it would make a signal grow.') : t('By itself it would make a signal fade.');
  return t('Spectral radius {0}: the largest absolute eigenvalue of this block. {1}', radius.toFixed(4), meaning);
}

const range = ({ first, last }: Span): string => (first === last ? String(first) : `${String(first)}–${String(last)}`);

/** A cell of the heatmap. */
export function cellText(
  matrix: Pick<MatrixInfo, 'name'>,
  gate: SignalName,
  units: Span,
  columns: Span,
  value: number,
): string {
  const many = units.first !== units.last || columns.first !== columns.last;
  const symbol = symbolOf(gate);
  const number = Number.isFinite(value) ? signed(value) : t('not finite');
  const name = symbol === undefined ? gate : `${gate} ${symbol}`;
  const what = isRecurrent(matrix)
    ? t('{0} of unit {1} ← unit {2}', name, range(units), range(columns))
    : t('{0} of unit {1} ← input {2}', name, range(units), range(columns));
  return many ? t('{0}: mean {1}', what, number) : t('{0}: {1}', what, number);
}

/** Four digits that count, with a true minus sign. */
export function signed(value: number): string {
  // A message carries NaN as null: there is no number at all.
  if (!Number.isFinite(value)) return t('none');
  const size = Math.abs(value);
  const text = size >= 1e5 || (size > 0 && size < 1e-4) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replaceAll('-', '\u2212');
}

/** The numbers beside the histogram. */
export function statistics({ min, max, mean, deviation, nonFinite, shape }: MatrixStatistics): readonly Fact[] {
  const facts: Fact[] = [
    { term: t('least'), text: signed(min) },
    { term: t('mean'), text: signed(mean) },
    { term: t('deviation'), text: signed(deviation), hint: t('standard deviation') },
    { term: t('greatest'), text: signed(max) },
  ];
  if (nonFinite > 0) {
    const share = t('{0} of {1}', formatCount(nonFinite), formatCount(shape[0] * shape[1]));
    facts.push({ term: t('NaN or infinite'), text: share, hint: t('left out of all the other numbers') });
  }
  return facts;
}

/** A matrix for the ear. */
export function speakMatrix(matrix: MatrixStatistics): string {
  const radii = matrix.blocks.flatMap(({ gate, spectralRadius }) =>
    spectralRadius === undefined ? [] : [`${gate} ${spectralRadius.toFixed(2)}`],
  );
  const parts = [
    t('{0}, {1} rows, {2} columns', matrixTitle(matrix), matrix.shape[0], matrix.shape[1]),
    ...statistics(matrix).map(({ term, text }) => `${term} ${text}`),
  ];
  if (radii.length > 0) parts.push(t('spectral radius {0}', radii.join(', ')));
  return t('{0}. Arrow keys move over the cells.', parts.join('; '));
}
