import { describe, expect, it } from 'vitest';
import { cellText, radiusHint, radiusText, signed, speakMatrix, statistics } from '../../../webview/model/words';
import { exampleMatrix } from '../harness/exampleModels';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0.0123456, '−0.01235'],
    [1.5, '1.5'],
    [0.00001234, '1.23e−5'],
    [-123456, '−1.23e+5'],
    [NaN, 'none'],
    [Infinity, 'none'],
  ])('%d', (value, text) => {
    expect(signed(value)).toBe(text);
  });

  it.each([
    [0.5, 'ρ\u20090.50', /fade/u],
    [1.234, 'ρ\u20091.23', /grow/u],
    [250, 'ρ\u2009250', /grow/u],
  ])('a spectral radius of %d', (radius, text, hint) => {
    expect(radiusText(radius)).toBe(text);
    expect(radiusHint(radius)).toMatch(hint);
  });
});

describe('a cell', () => {
  const one = (n: number): { first: number; last: number } => ({ first: n, last: n });
  it.each([
    ['l0.weight_hh', 'forget', one(3), one(5), -0.25, 'forget f of unit 3 ← unit 5: −0.25'],
    ['l0.weight_ih', 'input', one(3), one(5), 0.5, 'input i of unit 3 ← input 5: 0.5'],
    [
      'l0.weight_hh',
      'update',
      { first: 8, last: 15 },
      { first: 2, last: 3 },
      0.125,
      'update z of unit 8–15 ← unit 2–3: mean 0.125',
    ],
    ['l0.weight_hh', 'hidden', one(0), one(0), NaN, 'hidden of unit 0 ← unit 0: not finite'],
  ] as const)('of %s', (name, gate, units, columns, value, text) => {
    expect(cellText({ name }, gate, units, columns, value)).toBe(text);
  });
});

describe('a matrix', () => {
  it('is spoken with its radii', () => {
    expect(speakMatrix(exampleMatrix('gru', 'l0.weight_hh'))).toBe(
      'Recurrent: from the state before, 768 rows, 256 columns; least −0.91; mean 0.0123; deviation 0.2231; ' +
        'greatest 1.142; spectral radius reset 0.71, update 1.14, candidate 1.57. Arrow keys move over the cells.',
    );
    expect(speakMatrix(exampleMatrix('gru', 'l0.weight_ih'))).not.toMatch(/radius/u);
  });

  it('says what is not finite', () => {
    expect(statistics(exampleMatrix('unknown', 'l0.weight_hh')).at(-1)).toMatchObject({
      term: 'NaN or infinite',
      text: '2 of 262,144',
    });
  });
});
