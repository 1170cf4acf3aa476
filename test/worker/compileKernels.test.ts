/**
 * The kernels as a user's VS Code has them, in the Node that it brings: compiled to vectors of 256 bits, and shared by
 * two threads. Neither may change a bit.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { guarded } from '../../src/worker/marker';
import { installServer } from '../vscode/install.mjs';
import type { BitsReport } from './bits.mjs';

const reports = JSON.parse(
  execFileSync(installServer().node, ['--import', 'tsx', 'test/worker/bits.mts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
) as BitsReport[];

it.each(reports)('$what has the bits of the plain kernels', ({ same, steps }) => {
  expect(steps).toBeGreaterThan(0);
  expect(same).toBe(true);
});

it('covers all cells, two threads and both builds', () => {
  const kinds = reports.map(({ what }) => what.split(',')[0]);
  expect(kinds).toEqual(expect.arrayContaining(['lstm', 'gru', 'rnn', 'team']));
  expect(reports.filter(({ what }) => what.includes('strict'))).toHaveLength(reports.length / 2);
});

describe('what could end the process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatescope-marker-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const { v8 } = process.versions;
  // No process has it: the largest that Linux gives is 2^22.
  const nobody = 2 ** 30;

  it.each([
    ['is tried without a mark', undefined, 'risky'],
    ['is not tried again after it ended a process', { v8, pid: nobody }, 'safe'],
    ['is tried with another engine', { v8: '1.0', pid: nobody }, 'risky'],
    ['is tried while another process tries it', { v8, pid: process.ppid }, 'risky'],
    ['is tried where the mark is broken', '{', 'risky'],
  ])('%s', (_, content, expected) => {
    const file = join(folder, 'sub', 'mark');
    guarded(
      file,
      () => undefined,
      () => undefined,
    );
    if (content !== undefined) writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    let during: string | undefined;
    const risky = (): string => {
      during = readFileSync(file, 'utf8');
      return 'risky';
    };
    expect(guarded(file, risky, () => 'safe')).toBe(expected);
    if (expected === 'safe') return;
    expect(JSON.parse(during ?? '')).toEqual({ v8, pid: process.pid });
    expect(readdirSync(join(folder, 'sub'))).toEqual([]);
  });

  it('takes its mark away when it only throws', () => {
    const file = join(folder, 'thrown');
    const risky = (): never => {
      throw new RangeError('no');
    };
    expect(() => {
      guarded(file, risky, () => undefined);
    }).toThrow('no');
    expect(readdirSync(folder)).not.toContain('thrown');
  });
});
