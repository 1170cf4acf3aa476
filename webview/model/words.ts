/** What the page says of a matrix, its blocks and its cells, for eye and ear. No DOM. */
import type { MatrixInfo, MatrixStatistics } from '../../src/shared/modelInfo';
import type { Fact } from '../../src/shared/modelText';
import { SYMBOL, type SignalName } from '../../src/shared/signals';
import { formatCount } from '../layout/numbers';
import type { Span } from '../layout/matrix';

export const isRecurrent = ({ name }: Pick<MatrixInfo, 'name'>): boolean => name.endsWith('weight_hh');

/** What a matrix does. */
export const matrixTitle = (matrix: Pick<MatrixInfo, 'name'>): string =>
  isRecurrent(matrix) ? 'Recurrent: from the state before' : 'From the input';

export const matrixShape = ({ name, shape: [rows, columns] }: Pick<MatrixInfo, 'name' | 'shape'>): string =>
  `${name.replace(/^.*\./u, '')} [${String(rows)}, ${String(columns)}]`;

/** The letter of a gate; none for a cell without gates. */
export const symbolOf = (gate: SignalName): string | undefined => (gate === 'hidden' ? undefined : SYMBOL[gate]);

export const radiusText = (radius: number): string => `ρ\u2009${radius.toFixed(radius >= 99.95 ? 0 : 2)}`;

export function radiusHint(radius: number): string {
  const meaning = radius > 1 ? 'By itself it would make a signal grow.' : 'By itself it would make a signal fade.';
  return `Spectral radius ${radius.toFixed(4)}: the largest absolute eigenvalue of this block. ${meaning}`;
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
  const from = isRecurrent(matrix) ? 'unit' : 'input';
  const symbol = symbolOf(gate);
  const number = Number.isFinite(value) ? signed(value) : 'not finite';
  const what = `${gate}${symbol === undefined ? '' : ` ${symbol}`} of unit ${range(units)} ← ${from} ${range(columns)}`;
  return `${what}: ${many ? 'mean ' : ''}${number}`;
}

/** Four digits that count, with a true minus sign. */
export function signed(value: number): string {
  // A message carries NaN as null: there is no number at all.
  if (!Number.isFinite(value)) return 'none';
  const size = Math.abs(value);
  const text = size >= 1e5 || (size > 0 && size < 1e-4) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replaceAll('-', '\u2212');
}

/** The numbers beside the histogram. */
export function statistics({ min, max, mean, deviation, nonFinite, shape }: MatrixStatistics): readonly Fact[] {
  const facts: Fact[] = [
    { term: 'least', text: signed(min) },
    { term: 'mean', text: signed(mean) },
    { term: 'deviation', text: signed(deviation), hint: 'standard deviation' },
    { term: 'greatest', text: signed(max) },
  ];
  if (nonFinite > 0) {
    const share = `${formatCount(nonFinite)} of ${formatCount(shape[0] * shape[1])}`;
    facts.push({ term: 'NaN or infinite', text: share, hint: 'left out of all the other numbers' });
  }
  return facts;
}

/** A matrix for the ear. */
export function speakMatrix(matrix: MatrixStatistics): string {
  const radii = matrix.blocks.flatMap(({ gate, spectralRadius }) =>
    spectralRadius === undefined ? [] : [`${gate} ${spectralRadius.toFixed(2)}`],
  );
  const parts = [
    `${matrixTitle(matrix)}, ${String(matrix.shape[0])} rows, ${String(matrix.shape[1])} columns`,
    ...statistics(matrix).map(({ term, text }) => `${term} ${text}`),
  ];
  if (radii.length > 0) parts.push(`spectral radius ${radii.join(', ')}`);
  return `${parts.join('; ')}. Arrow keys move over the cells.`;
}
