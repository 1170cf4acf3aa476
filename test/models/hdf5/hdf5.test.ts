/** HDF5 as h5py writes it, in its oldest and newest formats, value by value (test/fixtures/hdf5/make.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openHdf5, type Hdf5Group } from '../../../src/models/hdf5/file';
import { fileSource } from '../../../src/models/source';

const FOLDER = 'test/fixtures/hdf5';
const open = (name: string): Hdf5Group => openHdf5(fileSource(`${FOLDER}/${name}.h5`));

interface Expected {
  readonly shape: readonly number[];
  /** Texts, for JSON has no infinities; at most the first 200. */
  readonly values: readonly string[];
}
const index = JSON.parse(readFileSync(`${FOLDER}/index.json`, 'utf8')) as Record<string, Expected>;

const SPECIAL: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
const numberOf = (text: string): number => SPECIAL[text] ?? Math.fround(Number(text));

const FORMATS = ['earliest', 'latest'] as const;

describe.each(FORMATS)('%s: dataset', (format) => {
  const root = open(format);
  it.each(Object.entries(index))('%s', (name, { shape, values }) => {
    const dataset = root.find(`data/sets/${name}`);
    expect(dataset?.kind).toBe('dataset');
    if (dataset?.kind !== 'dataset') return;
    expect(dataset.shape).toEqual(shape);
    const found = dataset.read();
    expect(found).toHaveLength(shape.reduce((a, b) => a * b, 1));
    expect([...found.subarray(0, 200)]).toEqual(values.map(numberOf));
  });

  it('of many chunks, to the last', () => {
    for (const name of ['many-chunks', 'many-chunks-gzip']) {
      const dataset = root.find(`data/sets/${name}`);
      const values = dataset?.kind === 'dataset' ? dataset.read() : [];
      expect(values).toHaveLength(2400);
      expect([...values].every((value, k) => value === k)).toBe(true);
    }
  });

  it('behind each of many links, with each of many attributes', () => {
    const group = root.find('many');
    expect(group?.kind === 'group' && [...group.names].sort()).toEqual(
      Array.from({ length: 120 }, (_, k) => `link ${String(k)}`).sort(),
    );
    for (let k = 0; k < 120; k++) {
      const dataset = root.find(`many/link ${String(k)}`);
      expect(dataset?.kind === 'dataset' && [...dataset.read()]).toEqual([k]);
      expect(group?.attribute(`attribute ${String(k)}`)).toBe(`value ${String(k)}`);
    }
  });
});

const ATTRIBUTES: readonly (readonly [name: string, value: unknown])[] = [
  ['text', 'plain é'],
  ['bytes', 'bytes'],
  ['fixed', 'fixed'],
  ['texts', ['one', 'two', 'three'.repeat(20)]],
  ['fixed texts', ['abc', 'de']],
  ['numbers', new Float32Array([0, 1, 2])],
  ['none', new Float32Array(0)],
  ['null', new Float32Array(0)],
  ['long', 'x'.repeat(70_000)],
  ['not there', undefined],
];

describe.each(['earliest', 'latest', 'userblock', 'v110'])('%s: attribute', (format) => {
  it.each(ATTRIBUTES)('%s', (name, value) => {
    expect(open(format).attribute(name)).toEqual(value);
  });

  it('and a dataset', () => {
    const dataset = open(format).find('/f4');
    expect(dataset?.kind === 'dataset' && [...dataset.read()].map(String)).toEqual(
      index['f4']?.values.map((text) => String(numberOf(text))),
    );
  });
});

it('finds nothing where nothing is', () => {
  const root = open('latest');
  for (const path of ['', 'none', 'data/none', 'f4/below', 'data/sets/f4/below/it'])
    expect(root.find(path)).toBeUndefined();
});

it('refuses by name the one list of chunks that it does not know', () => {
  expect(() => open('latest').find('growing-one-way')).toThrow(/extensible array/u);
  const old = open('earliest').find('growing-one-way');
  expect(old?.kind === 'dataset' && old.read()).toHaveLength(91);
});
