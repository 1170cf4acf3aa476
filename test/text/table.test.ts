/** CSV and TSV: rows and their places, which columns are read, and what is refused where. */
import { describe, expect, test } from 'vitest';
import type { NumbersSpec } from '../../src/shared/tokens';
import { tableReader } from '../../src/text/openText';
import { findSeparator, tableRows } from '../../src/text/table';
import { noBreath, type TracedText } from '../../src/text/tracedText';
import { words } from '../words';

const read = (text: string, width: number, numbers?: NumbersSpec): Promise<TracedText> =>
  tableReader({ width, numbers, sidecar: 'm.gatescope.json' }).read({ name: 'a.csv', text }, noBreath);

describe('rows and fields', () => {
  test.each<[string, string, string[][]]>([
    [
      'plain',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'without a last line end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF and CR',
      'a,b\r\n1,2\r3,4',
      [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'blank lines are none',
      '\na,b\n\n  \n1,2\n\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'empty fields',
      ',\n1,',
      [
        ['', ''],
        ['1', ''],
      ],
    ],
    [
      'quotes',
      '"a,x","b""y"\n"1\n2",3',
      [
        ['a,x', 'b"y'],
        ['1\n2', '3'],
      ],
    ],
    ['a quote inside is a character', 'a"b,c', [['a"b', 'c']]],
    ['a quote that is not closed', '"a,b\nc', [['a,b\nc']]],
    ['text behind a quote', '"a"b,c', [['ab', 'c']]],
    ['one empty quoted field', '""\n', [['']]],
  ])('%s', (_, text, rows) => {
    const found = [...tableRows(text, ',')];
    expect(found.map(({ fields }) => fields.map((field) => field.text))).toEqual(rows);
    for (const { start, end } of found) expect(text.slice(start, end)).not.toMatch(/^[\r\n]|[\r\n]$/u);
  });
  test('lines are counted through quotes', () => {
    expect([...tableRows('a\n"b\nc"\nd', ',')].map(({ line }) => line)).toEqual([1, 2, 4]);
  });
  test.each([
    ['a,b\n1,2', ','],
    ['a;b\n1,5;2', ';'],
    ['a\tb\n1\t2', '\t'],
    ['a|b\n1|2', '|'],
    ['1\n2\n3', ','],
    ['"x;y",1\n"z;w",2', ','],
  ])('the separator of %j is %j', (text, separator) => {
    expect(findSeparator(text)).toBe(separator);
  });
});

describe('numbers', () => {
  test.each<[string, string, number, NumbersSpec | undefined, number[]]>([
    ['a header is no row', 'x,y\n1,2\n3,4', 2, undefined, [1, 2, 3, 4]],
    ['without a header', '1,2\n3,4', 2, undefined, [1, 2, 3, 4]],
    ['all numeric columns', 'day,x,what,y\nMon,1,a,2\nTue,3,b,4', 2, undefined, [1, 2, 3, 4]],
    ['the sidecar chooses and orders', 'x,y,z\n1,2,3\n4,5,6', 2, { columns: ['z', 'x'] }, [3, 1, 6, 4]],
    ['by position', '1,2,3\n4,5,6', 2, { columns: [2, 0] }, [3, 1, 6, 4]],
    ['shifted and scaled', 'x,y\n10,1\n20,3', 2, { shift: [10, 1], scale: [5, 2] }, [0, 0, 2, 1]],
    ['signs and powers', '-1.5e2,+.5\n1.,2E-1', 2, undefined, [-150, 0.5, 1, 0.2]],
    ['decimal commas where ; separates', 'x;y\n1,5;-2,25', 2, undefined, [1.5, -2.25]],
    ['decimal commas in a TSV', '1,5\t2', 2, undefined, [1.5, 2]],
    ['spaces around', 'x, y\n 1 , 2 ', 2, undefined, [1, 2]],
    ['quoted numbers', '"x","y"\n"1","2"', 2, undefined, [1, 2]],
    ['a header of a single column', 'price\n1\n2', 1, undefined, [1, 2]],
    ['dates without a header', '2020-01-01,5\n2020-01-02,6', 1, undefined, [5, 6]],
    ['a gap in a column that is not read', 'x,y\n1,\n2,3', 1, { columns: ['x'] }, [1, 2]],
  ])('%s', async (_, text, width, numbers, values) => {
    const found = await read(text, width, numbers);
    expect([...(found.numbers ?? [])]).toEqual(values.map(Math.fround));
    expect(found.steps).toBe(values.length / width);
  });

  test('each row knows its place', async () => {
    const text = 'x,y\r\n1,2\r\n\r\n"3",44\r\n';
    const found = await read(text, 2);
    expect([...found.ranges(0, 2)]).toEqual([5, 8, 12, 18]);
    expect(found.glyphs(0, 2).map((glyph) => glyph.text)).toEqual(['1,2', '"3",44']);
    expect([0, 5, 7, 13].map((offset) => found.glyphAt(offset).token)).toEqual([0, 0, 0, 1]);
    expect(found.labelAt(1)).toBe('"3",44');
  });

  test('a column that is left out is told', async () => {
    const { notes } = await read('day,x\nMon,1', 1);
    expect(words(notes)).toEqual(['Read as numbers: "x"; left out: "day" (not numbers: "Mon" in line 2).']);
  });
});

describe('refused by name', () => {
  const many = Array.from({ length: 150 }, (_, k) => `${String(k)},1`).join('\n');
  test.each<[string, string, number, NumbersSpec | undefined, RegExp]>([
    [
      'too few columns',
      'x,what\n1,a',
      2,
      undefined,
      /reads 2 columns, but a\.csv has 1 with numbers\. Columns found: "x", "what" \(not numbers: "a" in line 2\).*m\.gatescope\.json.*\{"numbers": \{"columns": \["x","what"\]\}\}/,
    ],
    [
      'no numbers, and texts for them',
      'to be, or not\nto be',
      9,
      undefined,
      /has 0 with numbers.*"columns": \["to be","or not","…"\].*one-hot, say there how texts are cut: \{"tokenizer"/,
    ],
    ['a text column first', 'day,x,y,z\nMon,1,2,3', 2, undefined, /\{"numbers": \{"columns": \["x","y"\]\}\}$/],
    ['too many columns', 'x,y,z\n1,2,3', 2, undefined, /reads 2 columns, but a\.csv has 3/],
    [
      'a column that is not there',
      'x,y\n1,2',
      1,
      { columns: ['w'] },
      /no column "w", which m\.gatescope\.json names\. It has "x", "y"/,
    ],
    [
      'a bad value far down',
      `x,y\n${many}\nabc,1`,
      2,
      undefined,
      /a\.csv, line 152, column "x": "abc" is not a finite number/,
    ],
    ['a missing value', 'x,y\n1,2\n3,', 2, undefined, /line 3, column "y": the value is missing/],
    ['NaN', 'x,y\n1,2\nNaN,3', 2, undefined, /line 3, column "x": the value is missing \("NaN"\)/],
    ['infinity', 'x\n1\n1e999', 1, { columns: ['x'] }, /line 3, column "x": "1e999" is not a finite number/],
    ['a short row', 'x,y\n1,2\n3', 2, undefined, /line 3, column "y": the row has only 1 field/],
    ['as many shifts', 'x,y\n1,2', 2, { shift: [1] }, /1 values under "shift" for 2 columns/],
    ['a scale of zero', 'x,y\n1,2', 2, { scale: [1, 0] }, /scales "y" by 0/],
    ['only a header', 'x,y\n', 2, { columns: ['x', 'y'] }, /a header but no rows/],
    ['blank', ' \n\n', 1, undefined, /no rows/],
  ])('%s', async (_, text, width, numbers, message) => {
    await expect(read(text, width, numbers)).rejects.toThrow(message);
    await expect(read(text, width, numbers)).rejects.toMatchObject({ code: 'bad-table' });
  });
});
