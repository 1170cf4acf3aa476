/** What is taken along: how many values, and names that every file system takes. */
import { describe, expect, it } from 'vitest';
import { safeName, valuesIn } from '../../src/host/taken';
import type { CopyRequest } from '../../src/shared/trace';
import { traceInfo } from '../webview/traceInfo';

describe('values of a piece of a trace', () => {
  const request: CopyRequest = { trace: 1, from: 10, to: 30, tracks: [], format: 'tsv' };
  it.each([
    [
      'of all units of two tracks',
      {
        tracks: [
          { layer: 0, signal: 'cell' },
          { layer: 1, signal: 'hidden' },
        ],
      },
      20 * 512,
    ],
    ['of the loss, one a token', { tracks: [{ layer: 0, signal: 'loss' }] }, 20],
    [
      'of some units',
      {
        tracks: [
          { layer: 0, signal: 'cell' },
          { layer: 0, signal: 'loss' },
        ],
        units: [1, 2],
      },
      60,
    ],
  ] as const)('%s', (_, part, values) => {
    expect(valuesIn({ ...request, ...part }, traceInfo())).toBe(values);
  });
});

describe('the name of a picture', () => {
  it.each([
    ['memory.ts.png', 'memory.ts.png'],
    ['a/b\\c:d.svg', 'a-b-c-d.svg'],
    ['..hidden.png', 'hidden.png'],
    ['诗 “?”.png', '诗 “-”.png'],
    ['', 'heatmap.png'],
  ])('%s becomes %s', (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });
});
