/** Numbers as people read them. */
import { describe, expect, it } from 'vitest';
import * as numbers from '../../../webview/layout/numbers';

describe('numbers', () => {
  it.each([
    [0.5, '0.5000'],
    [-0.12345, '−0.1235'],
    [12.3456, '12.346'],
    [-123.456, '−123.46'],
    [4321, '4321.0'],
    [-2.5e7, '−2.50e+7'],
    [NaN, 'NaN'],
    [-Infinity, '−∞'],
  ])('value %d: %s', (value, text) => {
    expect(numbers.formatValue(value)).toBe(text);
  });

  it.each([
    [0.183, '.18'],
    [-0.954, '−.95'],
    [0.001, '0'],
    [-0.001, '0'],
    [0.999, '1.0'],
    [-5.62, '−5.6'],
    [12.4, '12'],
  ])('end of a range %d: %s', (value, text) => {
    expect(numbers.formatShort(value)).toBe(text);
  });

  it.each([
    [0, 1],
    [NaN, 1],
    [0.7, 0.8],
    [1, 1],
    [1.01, 1.2],
    [1.21, 1.5],
    [3.2, 4],
    [9.5, 10],
    [101, 120],
    [0.031, 0.04],
  ])('%d rounds up to %d', (value, end) => {
    expect(numbers.roundUp(value)).toBeCloseTo(end, 12);
  });

  it.each([
    [1, '1'],
    [0.999, '> 0.99'],
    [0.8512, '0.85'],
    [0.00012, '0.00012'],
    [1e-9, '< 0.0001'],
  ])('probability %d: %s', (p, text) => {
    expect(numbers.formatProbability(p)).toBe(text);
  });

  it('has bits from nats', () => {
    expect(numbers.formatBits(Math.LN2 * 2.5)).toBe('2.50');
  });
});
