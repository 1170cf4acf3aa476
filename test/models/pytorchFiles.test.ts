/** Every file of test/fixtures/pytorch/files, from its bytes to hidden states, cells and logits, against PyTorch's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engine/evaluate';
import type { Model } from '../../src/models/model';
import { materialize } from '../../src/models/model';
import { readModel } from '../../src/models/readModel';
import { fileSource } from '../../src/models/source';
import { worst } from '../conformance/worst';
import { readNpz } from '../npz';

const FOLDER = 'test/fixtures/pytorch/files';
const TOLERANCE = 1e-5;

function read(file: string): Model {
  const source = fileSource(join(FOLDER, file));
  try {
    return materialize(readModel(source));
  } finally {
    source.close();
  }
}

const files = readdirSync(FOLDER).filter((name) => /\.(?:pth?|bin|safetensors)$/u.test(name));

it('finds the files', () => {
  expect(files.length).toBeGreaterThan(30);
});

describe('as PyTorch computes it', () => {
  it.each(files)('%s', (file) => {
    const { network } = read(file);
    const expected = readNpz(readFileSync(join(FOLDER, `${file}.npz`)));
    const tokens = expected.get('tokens');
    const input = tokens ? { tokens: tokens.data } : { x: Float64Array.from(expected.get('x')?.data ?? []) };
    const steps = (tokens ?? expected.get('x'))?.shape[0] ?? 0;
    const run = evaluate(network, input, { steps, batch: 1 });
    const states = run.directions.map(({ lastHidden, lastCell }) => ({ lastHidden, lastCell }));
    const found: Record<string, ArrayLike<number>> = {
      output: run.output,
      hn: states.flatMap(({ lastHidden }) => [...lastHidden]),
      ...(expected.has('cn') && { cn: states.flatMap(({ lastCell }) => [...(lastCell ?? [])]) }),
      ...(run.logits && { logits: run.logits }),
    };
    expect(Object.keys(found).sort()).toEqual(
      [...expected.keys()].filter((key) => key !== 'x' && key !== 'tokens').sort(),
    );
    for (const [name, values] of Object.entries(found)) {
      expect(values.length, name).toBeGreaterThan(0);
      expect(worst(values, expected.get(name)?.data ?? []), name).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});
