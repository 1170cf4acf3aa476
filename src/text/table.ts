/** Reads CSV and TSV record by record, each field with its place (RFC 4180, with other separators and line ends). */

export interface Field {
  /** Without quotes, doubled ones made single. */
  readonly text: string;
  readonly quoted: boolean;
}

export interface TableRow {
  readonly fields: readonly Field[];
  /** UTF-16 range of the row, without its line end. */
  readonly start: number;
  readonly end: number;
  /** Of its first character, from 1. */
  readonly line: number;
}

export type Separator = ',' | ';' | '\t' | '|';

const SEPARATORS: readonly Separator[] = ['\t', ';', ',', '|'];

/** Rows that are looked at to find the separator. */
const PROBED_ROWS = 20;

/**
 * Each row that is not blank. A quote opens a field only at its start; a field that is not closed runs to the end of the text.
 */
export function* tableRows(text: string, separator: Separator): Generator<TableRow> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const row = { fields: [] as Field[], start: at, line };
    for (;;) {
      const quoted = text[at] === '"';
      let field: string;
      if (quoted) {
        const close = closingQuote(text, at + 1);
        field = text.slice(at + 1, close).replaceAll('""', '"');
        line += countLines(text, at, close);
        at = close + 1;
        // What stands behind the closing quote belongs to the field, as spreadsheets read it.
        const rest = fieldEnd(text, at, separator);
        field += text.slice(at, rest);
        at = rest;
      } else {
        const end = fieldEnd(text, at, separator);
        field = text.slice(at, end);
        at = end;
      }
      row.fields.push({ text: field, quoted });
      if (text[at] !== separator) break;
      at++;
    }
    const end = Math.min(at, text.length);
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    line++;
    const [only] = row.fields;
    if (row.fields.length > 1 || only?.quoted === true || only?.text.trim() !== '') yield { ...row, end };
  }
}

function closingQuote(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    if (text[quote + 1] !== '"') return quote;
    at = quote + 2;
  }
}

function fieldEnd(text: string, from: number, separator: Separator): number {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
  return Math.min(at, text.length);
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The separator that cuts the first rows into the most fields, the same number in each. */
export function findSeparator(text: string): Separator {
  let best: { separator: Separator; score: number } = { separator: ',', score: 0 };
  for (const separator of SEPARATORS) {
    const counts: number[] = [];
    for (const { fields } of tableRows(text, separator)) {
      counts.push(fields.length);
      if (counts.length === PROBED_ROWS) break;
    }
    const most = Math.max(...counts, 1);
    const same = counts.filter((count) => count === most).length / Math.max(1, counts.length);
    const score = most === 1 ? 0 : same * 1000 + most;
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}
