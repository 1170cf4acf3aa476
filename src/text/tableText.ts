/** A CSV or TSV as the inputs of a model over numbers: a row is a step, and its text is the step's place. */
import { GatescopeError } from '../shared/errors';
import { joined, say, type Text } from '../shared/l10n';
import type { NumbersSpec } from '../shared/tokens';
import { textLabel } from './labels';
import { Growing, Positions } from './positions';
import { findSeparator, tableRows, type Separator, type TableRow } from './table';
import { BREATH_UNITS, type Breathe, type TracedText } from './tracedText';

/** Rows from which the kinds of columns are told. */
const PROBED_ROWS = 100;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u;
const COMMA_NUMBER = /^[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?$/u;

/** How tables write that a value is missing. */
const MISSING = new Set(['', 'nan', 'na', 'n/a', 'null', 'none', '-', '?']);

/** The value of a cell; NaN for what is no finite number. A comma is decimal only where it does not separate. */
function cellValue(cell: string, separator: Separator): number {
  const text = cell.trim();
  if (NUMBER.test(text)) return Number(text);
  return (separator === ';' || separator === '\t') && COMMA_NUMBER.test(text) ? Number(text.replace(',', '.')) : NaN;
}

const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());

interface Column {
  readonly name: string;
  /** From 0. */
  readonly position: number;
  readonly numeric: boolean;
  /** The first cell that is no number, for people. */
  readonly odd: Text | undefined;
}

export interface TableNeeds {
  /** Columns that the model reads. */
  readonly width: number;
  readonly numbers: NumbersSpec | undefined;
  /** Name of the sidecar that may choose the columns. */
  readonly sidecar: string;
}

const badTable = (message: Text): GatescopeError => new GatescopeError('bad-table', message);

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);

/**
 * @param name of the file, for messages
 * @throws bad-table, naming file, line, column and value; empty-text where no row has numbers
 */
export async function tableText(
  name: string,
  text: string,
  { width, numbers = {}, sidecar }: TableNeeds,
  notes: readonly Text[],
  breathe: Breathe,
): Promise<TracedText> {
  const separator = findSeparator(text);
  const { columns, header } = findColumns(text, separator);
  if (columns.length === 0)
    throw badTable(say`${name} has no rows: there is nothing to trace. Choose a CSV or TSV with one row a step.`);
  const chosen = chooseColumns(name, columns, width, numbers, sidecar);
  checkScaling(name, chosen, numbers, sidecar);
  const positions = new Positions(text);
  const values = Growing.floats();
  let [first, breath] = [header, BREATH_UNITS];
  for (const row of tableRows(text, separator)) {
    if (first) {
      first = false;
      continue;
    }
    for (const [place, column] of chosen.entries()) {
      const value = valueIn(name, row, column, separator);
      values.push((value - (numbers.shift?.[place] ?? 0)) / (numbers.scale?.[place] ?? 1));
    }
    positions.add(row.start, row.end);
    if (row.end >= breath) {
      await breathe();
      breath = row.end + BREATH_UNITS;
    }
  }
  if (positions.length === 0) throw badTable(say`${name} has a header but no rows: there is nothing to trace.`);
  const labelAt = (step: number): string => {
    const [start = 0, end = 0] = positions.ranges(step, step + 1);
    return textLabel(text.slice(start, end), step);
  };
  return {
    tokens: new Uint8Array(0),
    numbers: values.whole(),
    steps: positions.length,
    text,
    columns: chosen.map((column) => column.name),
    textLength: text.length,
    notes: [...notes, ...tableNotes(columns, chosen)],
    labelAt,
    labelOf: (id) => `#${String(id)}`,
    glyphOf: (step) => positions.glyphOf(step),
    glyphAt: (offset) => positions.glyphAt(offset),
    glyphs: (from, to) => positions.glyphs(from, to),
    ranges: (from, to) => positions.ranges(from, to),
    unknown: () => [],
  };
}

/** Columns by the first rows, and whether the first of them is a header. */
function findColumns(text: string, separator: Separator): { columns: Column[]; header: boolean } {
  const rows: TableRow[] = [];
  for (const row of tableRows(text, separator)) {
    rows.push(row);
    if (rows.length > PROBED_ROWS) break;
  }
  const [top, ...rest] = rows;
  if (top === undefined) return { columns: [], header: false };
  const isNumber = (row: TableRow | undefined, place: number): boolean =>
    !Number.isNaN(cellValue(row?.fields[place]?.text ?? '', separator));
  const isText = ({ text: cell }: { text: string }): boolean =>
    Number.isNaN(cellValue(cell, separator)) && !isMissing(cell);
  const header =
    top.fields.some(isText) &&
    (top.fields.every((_, place) => !isNumber(top, place)) ||
      top.fields.some((field, place) => isText(field) && rest.length > 0 && rest.every((row) => isNumber(row, place))));
  const data = header ? rest : rows;
  const count = Math.max(top.fields.length, ...data.map(({ fields }) => fields.length));
  const columns = Array.from({ length: count }, (_, position): Column => {
    const named = header ? (top.fields[position]?.text.trim() ?? '') : '';
    const odd = data.find(({ fields }) => {
      const cell = fields[position];
      return cell !== undefined && isText(cell);
    });
    return {
      name: named === '' ? `column ${String(position + 1)}` : named,
      position,
      numeric: odd === undefined && data.some((row) => isNumber(row, position)),
      odd: odd && say`${quote(odd.fields[position]?.text ?? '')} in line ${odd.line}`,
    };
  });
  return { columns, header };
}

function chooseColumns(
  name: string,
  columns: readonly Column[],
  width: number,
  { columns: wanted }: NumbersSpec,
  sidecar: string,
): Column[] {
  const chosen =
    wanted === undefined
      ? columns.filter(({ numeric }) => numeric)
      : wanted.map((key) => {
          const found = columns.find((column) =>
            typeof key === 'number' ? column.position === key : column.name === key,
          );
          if (found) return found;
          throw badTable(
            say`${name} has no column ${typeof key === 'number' ? String(key) : quote(key)}, which ${sidecar} names.
              It has ${list(columns)}.`,
          );
        });
  if (chosen.length === width) return chosen;
  // Those with numbers first, in the order of the table.
  const likely = [...columns.filter(({ numeric }) => numeric), ...columns.filter(({ numeric }) => !numeric)];
  const example = likely.slice(0, Math.min(width, MOST_SHOWN)).map((column) => column.name);
  if (example.length < width) example.push('…');
  const reads = width === 1 ? say`The model reads 1 column` : say`The model reads ${width} columns`;
  const found =
    wanted === undefined ? say`${name} has ${chosen.length} with numbers` : say`${sidecar} names ${chosen.length}`;
  const columnsExample = `{"numbers": {"columns": ${JSON.stringify(example)}}}`;
  const choose = say`${reads}, but ${found}. Columns found: ${list(columns)}. Choose them in ${sidecar} beside the
    model: ${columnsExample}`;
  const tokenExample = '{"tokenizer": {"kind": "characters", "tokens": […]}}';
  const tokens = say`If they are tokens, one-hot, say there how texts are cut: ${tokenExample}`;
  throw badTable(chosen.length === 0 && width > 1 ? joined([choose, tokens], ' ') : choose);
}

const MOST_LISTED = 12;
/** Of an example. */
const MOST_SHOWN = 6;

function list(columns: readonly Column[]): Text {
  const shown = columns.slice(0, MOST_LISTED).map(({ name, numeric, odd }): Text => {
    if (numeric) return quote(name);
    return odd === undefined ? say`${quote(name)} (no numbers)` : say`${quote(name)} (not numbers: ${odd})`;
  });
  const more = columns.length - shown.length;
  const names = joined(shown, ', ');
  return more > 0 ? say`${names} and ${more} more` : names;
}

function checkScaling(name: string, chosen: readonly Column[], { shift, scale }: NumbersSpec, sidecar: string): void {
  for (const [what, values] of [
    ['shift', shift],
    ['scale', scale],
  ] as const) {
    if (values !== undefined && values.length !== chosen.length) {
      throw badTable(
        say`${name}: ${sidecar} has ${values.length} values under "${what}" for ${chosen.length} columns. Give one for
          each.`,
      );
    }
  }
  const zero = scale?.findIndex((value) => value === 0) ?? -1;
  if (zero >= 0) {
    throw badTable(say`${name}: ${sidecar} scales ${quote(chosen[zero]?.name ?? '')} by 0. Give another divisor.`);
  }
}

function valueIn(name: string, { fields, line }: TableRow, column: Column, separator: Separator): number {
  const cell = fields[column.position]?.text;
  const value = cell === undefined ? NaN : cellValue(cell, separator);
  if (Number.isFinite(value)) return value;
  const place = `${name}, line ${String(line)}, column ${quote(column.name)}`;
  if (cell === undefined) {
    throw badTable(say`${place}: the row has only ${fields.length} fields. Give it a number.`);
  }
  if (isMissing(cell)) {
    throw badTable(
      say`${place}: the value is missing (${quote(cell)}). One NaN would make every later state NaN: fill it in.`,
    );
  }
  throw badTable(say`${place}: ${quote(cell)} is not a finite number. Correct it, or choose other columns.`);
}

function tableNotes(columns: readonly Column[], chosen: readonly Column[]): Text[] {
  const left = columns.filter((column) => !chosen.includes(column));
  const names = (some: readonly Column[]): string => some.map((column) => quote(column.name)).join(', ');
  return left.length === 0 ? [] : [say`Read as numbers: ${names(chosen)}; left out: ${list(left)}.`];
}
