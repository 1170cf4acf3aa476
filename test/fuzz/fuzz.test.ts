/** A short run of the fuzzer over every format, always of the same files; `npm run fuzz` is the long one. */
import { describe, expect, it } from 'vitest';
import { caseOf, loadFormats, readCase, type Outcome } from './cases';

const CASES = 400;
const SEED = 20;

describe.each(await loadFormats())('$name', (format) => {
  const seeds = format.seeds().map(readCase);

  it('has seeds that are read, or refused by name where a file alone says too little', () => {
    expect(seeds.length).toBeGreaterThan(0);
    expect(new Set(seeds).size).toBe(1);
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
    expect(outcomes.has('read')).toBe(seeds.includes('read'));
    expect(outcomes).toContain('model-damaged');
  });
});
