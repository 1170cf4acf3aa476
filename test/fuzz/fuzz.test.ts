/** A short run of the fuzzer over every format, always of the same files; `npm run fuzz` is the long one. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/models/source';
import { readModel } from '../../src/models/readModel';
import { materialize } from '../../src/models/model';
import { caseOf, loadFormats, readCase, type Outcome } from './cases';

const CASES = 400;
const SEED = 20;

describe.each(await loadFormats())('$name', (format) => {
  it('has seeds that are read', () => {
    const seeds = format.seeds();
    expect(seeds.length).toBeGreaterThan(0);
    for (const { name, bytes } of seeds) {
      expect(() => materialize(readModel(bytesSource(name, bytes))), name).not.toThrow();
    }
  });

  it('makes the same case of the same numbers, and others of others', () => {
    const bytes = [0, 1, 0].map((index) => Buffer.from(caseOf(format, SEED, index).bytes).toString('latin1'));
    expect(bytes[0]).toBe(bytes[2]);
    expect(bytes[0]).not.toBe(bytes[1]);
  });

  it(`reads or refuses by name ${String(CASES)} broken files`, () => {
    const outcomes = new Set<Outcome>();
    for (let index = 0; index < CASES; index++) outcomes.add(readCase(caseOf(format, SEED, index)));
    // A run in which nothing is ever read, or ever refused, changes too much or too little.
    expect(outcomes).toContain('read');
    expect(outcomes).toContain('model-damaged');
  });
});
