/**
 * Copied values as tab-separated text, as Python source for NumPy, and as JSON. Every float32 is written with the fewest
 * digits that read back as the same float32. `token` is a token's place in the text, from 0.
 */
import type { CopyRequest } from '../shared/trace';

export interface CopiedTrack {
  /** `l0.forget`, or `loss`. */
  readonly name: string;
  /** Undefined for the loss, which has one value a token. */
  readonly units: readonly number[] | undefined;
  /** [tokens, units] */
  readonly values: Float32Array;
}

export interface Copied {
  /** The first token. */
  readonly from: number;
  /** Of each token. */
  readonly texts: readonly string[];
  readonly tracks: readonly CopiedTrack[];
}

/** Digits below which a float32 may be another one when it is read, and those that always tell it. */
const FEWEST_DIGITS = 6;
const MOST_DIGITS = 9;

/** A finite float32. */
function shortest(value: number): string {
  // Python reads -0 as an integer, which has no sign.
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  for (let digits = FEWEST_DIGITS; digits < MOST_DIGITS; digits++) {
    const read = Number(value.toPrecision(digits));
    if (Math.fround(read) === value) return String(read);
  }
  return String(Number(value.toPrecision(MOST_DIGITS)));
}

type Special = Readonly<Record<'nan' | 'infinity' | 'negative', string>>;

const writer =
  ({ nan, infinity, negative }: Special) =>
  (value: number): string => {
    if (Number.isFinite(value)) return shortest(value);
    return Number.isNaN(value) ? nan : value > 0 ? infinity : negative;
  };

/** What pandas and R read. */
const inTable = writer({ nan: 'NaN', infinity: 'inf', negative: '-inf' });
const inPython = writer({ nan: 'np.nan', infinity: 'np.inf', negative: '-np.inf' });
/** JSON has neither; a number beyond all doubles is read as infinity. */
const inJson = writer({ nan: 'null', infinity: '1e999', negative: '-1e999' });

/** A header, then a row a token. Tabs, ends of lines and backslashes in its text are escaped; quotes as in a CSV. */
function* tsv({ from, texts, tracks }: Copied): Generator<string> {
  const names = tracks.flatMap(({ name, units }) => units?.map((unit) => `${name}[${String(unit)}]`) ?? [name]);
  yield `${['token', 'text', ...names].join('\t')}\n`;
  for (const [row, text] of texts.entries()) {
    const values = tracks.flatMap((track) => Array.from(rowOf(track, row), (value) => inTable(value)));
    yield `${[String(from + row), cell(text), ...values].join('\t')}\n`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function cell(text: string): string {
  const escaped = text.replaceAll(/[\\\t\n\r]/gu, (c) => ESCAPES[c] ?? c);
  // A sheet would take all that follows a lone quote for one cell.
  return escaped.includes('"') ? `"${escaped.replaceAll('"', '""')}"` : escaped;
}

/** A dict of arrays [tokens, units], the loss [tokens]. */
function* numpy(copied: Copied): Generator<string> {
  const { from, texts, tracks } = copied;
  yield 'import numpy as np\n\ntrace = {\n';
  yield `    "token": np.arange(${String(from)}, ${String(from + texts.length)}),\n    "text": [\n`;
  for (const text of texts) yield `        ${JSON.stringify(text)},\n`;
  yield `    ],\n    "units": ${unitsText(tracks)},\n`;
  for (const track of tracks) {
    yield `    ${JSON.stringify(track.name)}: np.array([\n`;
    for (const row of texts.keys()) {
      const values = Array.from(rowOf(track, row), (value) => inPython(value)).join(', ');
      yield track.units === undefined ? `        ${values},\n` : `        [${values}],\n`;
    }
    yield '    ], dtype=np.float32),\n';
  }
  yield '}\n';
}

/** An object with `arrays` by name, each with its shape, units and rows of values. */
function* json({ from, texts, tracks }: Copied): Generator<string> {
  yield `{"from": ${String(from)}, "to": ${String(from + texts.length)},\n"token": [`;
  for (const row of texts.keys()) yield `${row === 0 ? '' : ', '}${String(from + row)}`;
  yield '],\n"text": [';
  for (const [row, text] of texts.entries()) yield `${row === 0 ? '' : ', '}${JSON.stringify(text)}`;
  yield '],\n"arrays": {';
  for (const [place, track] of tracks.entries()) {
    const { name, units } = track;
    const shape = units === undefined ? [texts.length] : [texts.length, units.length];
    const ofUnits = units === undefined ? '' : `"units": ${JSON.stringify(units)}, `;
    yield `${place === 0 ? '' : ','}\n${JSON.stringify(name)}: {"shape": ${JSON.stringify(shape)}, ${ofUnits}"values": [`;
    for (const row of texts.keys()) {
      const values = Array.from(rowOf(track, row), (value) => inJson(value)).join(', ');
      yield `${row === 0 ? '' : ','}\n${units === undefined ? values : `[${values}]`}`;
    }
    yield ']}';
  }
  yield '\n}}\n';
}

const rowOf = ({ units, values }: CopiedTrack, row: number): Float32Array => {
  const width = units?.length ?? 1;
  return values.subarray(row * width, (row + 1) * width);
};

const unitsText = (tracks: readonly CopiedTrack[]): string =>
  `{${tracks.flatMap(({ name, units }) => (units ? [`${JSON.stringify(name)}: ${JSON.stringify(units)}`] : [])).join(', ')}}`;

export const FORMATS: Readonly<Record<CopyRequest['format'], (copied: Copied) => Generator<string>>> = {
  tsv,
  numpy,
  json,
};
