import { describe, expect, it } from 'vitest';
import { errorText, report, verdict } from '../../src/host/verifyText';
import type { Difference, LikelyCause, VerifyResult } from '../../src/shared/modelInfo';
import { english } from '../../src/shared/l10n';

const agrees: VerifyResult = {
  agrees: true,
  tolerance: 1e-4,
  tokens: 1200,
  maxError: 3.21e-7,
  compared: [
    { name: 'l0.hidden', reference: 'l0.hidden', values: 76800, maxError: 3.21e-7 },
    { name: 'l0.cell', reference: 'c0', values: 76800, maxError: 0 },
  ],
  ignored: ['notes'],
  difference: undefined,
  causes: [],
};
const difference: Difference = {
  token: 5,
  label: '␣',
  range: { start: 5, end: 6 },
  layer: 'l0',
  signal: 'cell',
  unit: 3,
  ours: -0.12345678,
  theirs: 0.5,
};
const order: LikelyCause = {
  name: 'gate order',
  text: 'The reference keeps the gates as i, f, o, g.',
  fits: true,
  maxError: 2e-7,
};
const differs: VerifyResult = { ...agrees, agrees: false, maxError: 0.62, difference };

describe('what is said of a comparison', () => {
  it.each([
    [agrees, 'm agrees with r.npz (max error 3.2e-7, 1,200 tokens).'],
    [{ ...agrees, tokens: 1, maxError: 0 }, 'm agrees with r.npz (max error 0, 1 token).'],
    [
      { ...differs, causes: [order] },
      'm differs from r.npz first at token 5 (␣): l0.cell of unit 3 is −0.123457, the reference has 0.5. ' +
        'The reference keeps the gates as i, f, o, g. With that, both agree (max error 2.0e-7).',
    ],
    [{ ...differs, causes: [{ ...order, fits: false }] }, /Perhaps: The reference keeps the gates as i, f, o, g\.$/u],
    [differs, /None of the usual causes explains it\.$/u],
    [{ ...differs, difference: undefined }, /^m differs from r\.npz: max error 6\.2e-1, more than 1\.0e-4\./u],
  ])('case %#', (result, text) => {
    const said = verdict('m', 'r.npz', result, english);
    if (typeof text === 'string') expect(said).toBe(text);
    else expect(said).toMatch(text);
  });

  it('tells all in the log', () => {
    expect(report('m', 'r.npz', { ...agrees, causes: [order] }, english).slice(1)).toEqual([
      '  l0.hidden  max error 3.2e-7 in 76,800 values',
      '  l0.cell    max error 0 in 76,800 values (c0 of the reference)',
      '  not compared: notes',
      '  fits: gate order, max error 2.0e-7. The reference keeps the gates as i, f, o, g.',
    ]);
  });

  it('says an error that is none', () => {
    expect(errorText(Infinity, english)).toBe('not finite');
  });
});
