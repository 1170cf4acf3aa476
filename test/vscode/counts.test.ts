import { describe, expect, it } from 'vitest';
import { mochaCounts } from './counts';

describe('mochaCounts', () => {
  it.each([
    ['  12 passing (3s)', 12, 0, 0],
    ['  12 passing (3s)\n  1 pending\n  2 failing\n', 12, 2, 1],
    ['\u001b[32m12 passing', 0, 0, 0],
    ['    ✔ says 3 passing of 4', 0, 0, 0],
    ['', 0, 0, 0],
  ])('%j', (output, passed, failed, skipped) => {
    expect(mochaCounts(output)).toEqual({ passed, failed, skipped });
  });
});
