/** Files from strangers: whatever is wrong with a Keras or TensorFlow.js model, it is refused by name, soon, in little memory. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { materialize, type Model } from '../../../src/models/model';
import { readModel } from '../../../src/models/readModel';
import { bytesSource, fileSource } from '../../../src/models/source';
import { GatescopeError } from '../../../src/shared/errors';
import { words } from '../../words';

const FOLDER = 'test/fixtures/keras';
const HOSTILE = join(FOLDER, 'hostile');
const SOON_MS = 2000;

/** What reading everything gives: the error, as `code: message`, or nothing. */
function refusal(read: () => Model): string | undefined {
  const start = performance.now();
  try {
    materialize(read());
    return undefined;
  } catch (error) {
    if (!(error instanceof GatescopeError)) throw error;
    return `${error.code}: ${error.message}`;
  } finally {
    expect(performance.now() - start).toBeLessThan(SOON_MS);
  }
}

const CASES: readonly (readonly [file: string, refused: RegExp])[] = [
  ['soft-link', /unsupported.*soft link to "\/elsewhere"/u],
  ['soft-link-new', /unsupported.*soft link to "\/etc\/passwd"/u],
  ['external-link', /unsupported.*link into the file "\.\.\/lstm\.h5"/u],
  ['external-link-group', /unsupported.*link into the file "\/etc\/passwd"/u],
  ['external-storage', /unsupported.*values in other files/u],
  ['virtual', /unsupported.*virtual dataset/u],
  ['circle', /damaged.*deep/u],
  ['circle-new', /damaged.*deep/u],
  ['circle-wide', /damaged.*deep/u],
  ['circle-cells', /damaged.*deep/u],
  ['deep', /damaged.*deep/u],
  ['bomb-chunk', /damaged.*at most 100 bytes/u],
  ['short-chunk', /damaged.*95 bytes; 96/u],
  ['no-deflate', /damaged.*inflated/u],
  ['huge-shape', /damaged.*too much for a file/u],
  ['huge-contiguous', /damaged.*too much for a file/u],
  ['never-written', /damaged.*never written/u],
  ['lzf', /unsupported.*"lzf"/u],
  ['compound', /unsupported.*compound/u],
  ['scalar', /unsupported.*no recurrent layer/u],
  ['deep-config', /damaged.*class_name/u],
  ['nested-config', /damaged.*deep/u],
  ['no-weights', /damaged.*no layer "a"/u],
  ['numbers-for-names', /damaged.*list of texts/u],
  ['empty', /unsupported.*no weights/u],
];

describe('HDF5 files', () => {
  it('are all in the table, but for the one that is read', () => {
    const names = readdirSync(HOSTILE).map((name) => name.replace(/\.h5$/u, ''));
    expect(names.sort()).toEqual([...CASES.map(([name]) => name), 'not-a-number'].sort());
  });

  it.each(CASES)('%s: %s', (name, refused) => {
    expect(refusal(() => readModel(fileSource(join(HOSTILE, `${name}.h5`))))).toMatch(refused);
  });

  it('loads NaN with a warning that names the tensor', () => {
    const model = readModel(fileSource(join(HOSTILE, 'not-a-number.h5')));
    expect(words(model.warnings).join('\n')).not.toMatch(/NaN/u);
    materialize(model);
    expect(words(model.warnings).join('\n')).toMatch(/"\/layers\/lstm\/cell\/vars\/0" has 24 of 24 values NaN/u);
  });
});

/** Superblock 0: the address of the file's end. */
const END_AT = 40;

describe('a file that is cut off', () => {
  const FILES = ['keras0-gru-weights.h5', 'keras2-functional.h5', 'lstm-nobias.weights.h5'] as const;
  it.each(FILES)('%s is refused at every length', (file) => {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, file)));
    for (let length = 0; length < bytes.length; length++) {
      const source = bytesSource(file, bytes.subarray(0, length));
      expect(
        refusal(() => readModel(source)),
        String(length),
      ).toMatch(length < 8 ? /^model-/u : /^model-damaged/u);
    }
  });

  it('does no harm where it says that this is its end', () => {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, 'keras0-gru-weights.h5')));
    let refused = 0;
    for (let length = 96; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      new DataView(cut.buffer).setUint32(END_AT, length, true);
      if (refusal(() => readModel(bytesSource('cut.h5', cut)))) refused++;
    }
    // The last bytes of a group's heap may be free.
    expect(refused).toBeGreaterThan(bytes.length * 0.9);
  });

  it('as a zip archive is refused at every length', () => {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, 'tf-keras2.keras')));
    for (let length = 0; length < bytes.length; length++) {
      const source = bytesSource('cut.keras', bytes.subarray(0, length));
      expect(
        refusal(() => readModel(source)),
        String(length),
      ).toMatch(/^model-/u);
    }
  });
});

describe("TensorFlow.js's files that are cut off", () => {
  const folder = join(FOLDER, 'tfjs-gru');
  const read = (cut: string, length: number): string | undefined => {
    const files = ['model.json', 'group1-shard1of1.bin'].map((name): [string, Uint8Array] => {
      const bytes = new Uint8Array(readFileSync(join(folder, name)));
      return [name, name === cut ? bytes.subarray(0, length) : bytes];
    });
    const siblings = new Map(files);
    const source = bytesSource('model.json', siblings.get('model.json') ?? new Uint8Array(0), siblings);
    return refusal(() => readModel(source));
  };

  it.each([
    ['model.json', 1251],
    ['group1-shard1of1.bin', 576],
  ])('%s is refused at every length', (name, size) => {
    expect(read(name, size)).toBeUndefined();
    for (let length = 0; length < size; length++) expect(read(name, length), String(length)).toMatch(/^model-/u);
  });
});

describe('.keras archives', () => {
  const config = (layers: unknown): Uint8Array =>
    strToU8(JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers } }));
  const weights = new Uint8Array(readFileSync(join(HOSTILE, 'empty.h5')));
  const LSTM = { class_name: 'LSTM', config: { name: 'lstm', units: 2 } };
  const lying = zipSync({ 'config.json': config([LSTM]), 'model.weights.h5': weights }, { level: 9 });
  // Sizes in the directory: of config.json, when unpacked.
  const directory = lying.findLastIndex(
    (byte, at) =>
      byte === 0x50 && lying[at + 1] === 0x4b && lying[at + 2] === 1 && lying[at + 24] === config([LSTM]).length,
  );
  new DataView(lying.buffer, lying.byteOffset).setUint32(directory + 24, 10, true);

  const ZIPS: readonly (readonly [what: string, bytes: Uint8Array, refused: RegExp])[] = [
    ['no config', zipSync({ 'model.weights.h5': weights }), /damaged.*config\.json/u],
    ['no weights', zipSync({ 'config.json': config([LSTM]) }), /damaged.*model\.weights\.h5/u],
    ['a bomb', zipSync({ 'config.json': new Uint8Array(200_000_000), 'model.weights.h5': weights }), /damaged/u],
    ['a lying size', lying, /damaged.*unpack/u],
    ['no JSON', zipSync({ 'config.json': strToU8('{'), 'model.weights.h5': weights }), /damaged.*not JSON/u],
    ['no layers', zipSync({ 'config.json': config(3), 'model.weights.h5': weights }), /damaged.*list of layers/u],
    [
      'too many layers',
      zipSync({ 'config.json': config(new Array(5000).fill(LSTM)), 'model.weights.h5': weights }),
      /damaged.*5000 layers/u,
    ],
    [
      'a layer without tensors',
      zipSync({ 'config.json': config([LSTM]), 'model.weights.h5': weights }),
      /damaged.*no tensors/u,
    ],
    [
      'a class of its own',
      zipSync({ 'config.json': strToU8('{"class_name": "Mine", "config": {}}'), 'model.weights.h5': weights }),
      /unsupported.*no weights of Keras/u,
    ],
    [
      'convolution in front',
      zipSync({
        'config.json': config([{ class_name: 'Conv1D', config: { name: 'conv' } }, LSTM]),
        'model.weights.h5': weights,
      }),
      /unsupported.*Conv1D "conv"/u,
    ],
    [
      'a function as code',
      zipSync({
        'config.json': config([
          { class_name: 'Lambda', config: { name: 'run', function: ['4wEAAAA=', null, null] } },
          LSTM,
        ]),
        'model.weights.h5': weights,
      }),
      /unsupported.*Lambda "run"/u,
    ],
  ];
  it.each(ZIPS)('with %s', (_, bytes, refused) => {
    expect(refusal(() => readModel(bytesSource('model.keras', bytes)))).toMatch(refused);
  });
});

describe('model.json of TensorFlow.js', () => {
  const whole = JSON.parse(readFileSync(join(FOLDER, 'tfjs-gru/model.json'), 'utf8')) as Record<string, unknown>;
  const shard = new Uint8Array(readFileSync(join(FOLDER, 'tfjs-gru/group1-shard1of1.bin')));
  const [group] = whole['weightsManifest'] as readonly {
    weights: readonly Record<string, unknown>[];
    paths: readonly string[];
  }[];
  const first = group?.weights[0];
  const rest = group?.weights.slice(1) ?? [];
  const manifest = (paths: unknown, weights: unknown): unknown => ({ ...whole, weightsManifest: [{ paths, weights }] });
  const JSONS: readonly (readonly [what: string, json: unknown, refused: RegExp])[] = [
    ['no object', 3, /damaged/u],
    ['a graph model', { ...whole, format: 'graph-model' }, /unsupported.*graph model/u],
    ['no manifest', { ...whole, weightsManifest: undefined }, /damaged.*weightsManifest/u],
    ['a path that is not there', manifest(['none.bin'], group?.weights), /damaged.*"none\.bin"/u],
    ['a number for a path', manifest([3], group?.weights), /damaged/u],
    [
      'a huge shape',
      manifest(group?.paths, [{ ...first, shape: [2 ** 40, 2 ** 40] }, ...rest]),
      /damaged.*ends at byte/u,
    ],
    ['a negative shape', manifest(group?.paths, [{ ...first, shape: [-1, 3] }, ...rest]), /damaged.*whole numbers/u],
    ['an unknown type', manifest(group?.paths, [{ ...first, dtype: 'string' }, ...rest]), /unsupported.*"string"/u],
    [
      'a type from the prototype',
      manifest(group?.paths, [{ ...first, dtype: 'constructor' }, ...rest]),
      /unsupported/u,
    ],
    ['a weight too few', manifest(group?.paths, rest), /damaged/u],
    [
      'twice the weights',
      manifest(group?.paths, [...(group?.weights ?? []), ...(group?.weights ?? [])]),
      /damaged.*ends at byte/u,
    ],
  ];
  it.each(JSONS)('with %s', (_, json, refused) => {
    const source = bytesSource('model.json', strToU8(JSON.stringify(json)), new Map([['group1-shard1of1.bin', shard]]));
    expect(refusal(() => readModel(source))).toMatch(refused);
  });

  it('is read where nothing is wrong with it', () => {
    const source = bytesSource(
      'model.json',
      strToU8(JSON.stringify(whole)),
      new Map([['group1-shard1of1.bin', shard]]),
    );
    expect(refusal(() => readModel(source))).toBeUndefined();
  });

  const CLIMBING = ['../keras1-lstm.h5', '/etc/passwd', '..', 'tfjs-lstm/../../x', 'C:\\x.bin'];
  it.each(CLIMBING)('never reads %s', (path) => {
    const real = fileSource(join(FOLDER, 'tfjs-gru/model.json'));
    const bytes = strToU8(JSON.stringify(manifest([path], group?.weights)));
    const source = {
      ...real,
      size: bytes.length,
      read: (from: number, length: number) => bytes.subarray(from, from + length),
    };
    expect(refusal(() => readModel(source))).toMatch(/damaged.*not in its own folder/u);
    real.close();
  });

  it('is refused at every length', () => {
    const bytes = strToU8(JSON.stringify(whole));
    for (let length = 0; length < bytes.length; length += 7) {
      const source = bytesSource('model.json', bytes.subarray(0, length), new Map([['group1-shard1of1.bin', shard]]));
      expect(refusal(() => readModel(source))).toMatch(/^model-damaged/u);
    }
    for (let length = 0; length < shard.length; length++) {
      const source = bytesSource('model.json', bytes, new Map([['group1-shard1of1.bin', shard.subarray(0, length)]]));
      expect(refusal(() => readModel(source))).toMatch(/^model-damaged/u);
    }
  });
});
