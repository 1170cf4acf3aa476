/** Colours chosen for one track or for all of a scale, and numbers as people write them. */
import { describe, expect, it } from 'vitest';
import {
  FIRST_CHOICES,
  ownShade,
  readChoices,
  resetShade,
  setShade,
  shadeOf,
  type Choices,
} from '../../webview/choices';
import { readNumber } from '../../webview/ui/shadeMenu';

const track = (choices: Choices, signal: string) => {
  const choice = choices.tracks.find((one) => one.signal === signal);
  if (choice === undefined) throw new Error('no such track');
  return { id: signal, choice, scale: signal === 'cell' ? ('free' as const) : ('gate' as const) };
};
const GATES = ['forget', 'input', 'output'];

describe('colours', () => {
  const grey = { map: 'grey' };
  const viridis = { map: 'viridis', range: { from: 0, to: 0.5 } };

  it('of one track leave the others alone', () => {
    const next = setShade(FIRST_CHOICES, track(FIRST_CHOICES, 'forget'), viridis, false, GATES);
    expect(shadeOf(next, track(next, 'forget'))).toEqual(viridis);
    expect(shadeOf(next, track(next, 'input'))).toEqual({});
    expect([ownShade(track(next, 'forget').choice), ownShade(track(next, 'input').choice)]).toEqual([true, false]);
  });

  it('of all of a scale are seen in each, and not in others', () => {
    const one = setShade(FIRST_CHOICES, track(FIRST_CHOICES, 'input'), viridis, false, GATES);
    const all = setShade(one, track(one, 'forget'), grey, true, GATES);
    for (const signal of GATES) expect(shadeOf(all, track(all, signal))).toEqual(grey);
    expect(shadeOf(all, track(all, 'cell'))).toEqual({});
  });

  it('of one track stand over those of all, each for itself', () => {
    const all = setShade(FIRST_CHOICES, track(FIRST_CHOICES, 'forget'), viridis, true, GATES);
    const one = setShade(all, track(all, 'input'), grey, false, GATES);
    expect(shadeOf(one, track(one, 'input'))).toEqual({ ...viridis, ...grey });
    const auto = setShade(all, track(all, 'input'), { ...viridis, range: 'auto' }, false, GATES);
    expect(shadeOf(auto, track(auto, 'input')).range).toBe('auto');
  });

  it('are as at first when reset', () => {
    const all = setShade(FIRST_CHOICES, track(FIRST_CHOICES, 'forget'), viridis, true, GATES);
    const one = setShade(all, track(all, 'input'), grey, false, GATES);
    expect(shadeOf(resetShade(one, track(one, 'input'), false, GATES), track(FIRST_CHOICES, 'input'))).toEqual(viridis);
    expect(resetShade(one, track(one, 'input'), true, GATES)).toEqual(FIRST_CHOICES);
  });

  it('are remembered', () => {
    const all = setShade(FIRST_CHOICES, track(FIRST_CHOICES, 'forget'), viridis, true, GATES);
    expect(readChoices(JSON.parse(JSON.stringify(all)))).toEqual(all);
  });
});

describe('numbers', () => {
  it.each([
    ['0.5', 0.5],
    [' \u22122 ', -2],
    ['0,25', 0.25],
    ['.5', 0.5],
    ['1e-3', 0.001],
    ['', NaN],
    ['zwei', NaN],
    ['1 2', NaN],
    ['0x10', NaN],
    ['Infinity', NaN],
  ])('“%s”', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });
});
