/** Colours that every reader of SVG knows. */
import { describe, expect, it } from 'vitest';
import { plainColour } from '../../../webview/export/colour';

describe('a colour of a canvas', () => {
  it.each([
    ['#cccccc', '#cccccc'],
    ['rgba(0, 0, 0, 0.9)', 'rgba(0, 0, 0, 0.9)'],
    ['color(srgb 0.8 0.8 0.8 / 0.14)', 'rgba(204, 204, 204, 0.14)'],
    ['color(srgb 1 0.5 0)', 'rgba(255, 128, 0, 1)'],
    ['color(srgb 1.02 -0.01 2e-7 / 0.300000012)', 'rgba(255, 0, 0, 0.3)'],
  ])('%s is written %s', (given, plain) => {
    expect(plainColour(given)).toBe(plain);
  });
});
