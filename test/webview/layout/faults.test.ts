/** Which columns have no numbers after a NaN: of its layer from there on, of those above it all that read it. */
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/shared/trace';
import { lostColumns } from '../../../webview/layout/faults';

const layers = ['l0', 'l0_reverse', 'l1', 'l1_reverse'].map((name) => ({ name, reverse: name.endsWith('_reverse') }));
const fault = (layer: string, more: Partial<Fault> = {}): Fault => ({
  token: 21,
  layer,
  signal: 'input',
  unit: 0,
  value: 'NaN',
  ...more,
});

describe('after a fault', () => {
  it.each<readonly [string, Fault | undefined, string]>([
    ['there is none', undefined, '- - - -'],
    ['in the first layer', fault('l0'), '21…90 - 21…90 0…90'],
    ['in one that reads backwards', fault('l0_reverse'), '- 0…22 0…90 0…22'],
    ['in the last', fault('l1'), '- - 21…90 -'],
    ['in the head', fault('head', { signal: 'loss' }), '- - - -'],
    ['that is an infinity', fault('l0', { value: 'Infinity' }), '- - - -'],
  ])('%s', (_, met, want) => {
    const lost = lostColumns(met, layers, 90);
    expect(lost.map((one) => (one ? `${String(one.from)}…${String(one.to)}` : '-')).join(' ')).toBe(want);
  });
});
