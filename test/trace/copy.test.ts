/** Copied pieces, read back: each value is the record's own float32, bit for bit, or what the cells' equations say. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/engine/evaluate';
import { namedLayers, type RecurrentNetwork } from '../../src/engine/recurrent';
import { createScalarEngine } from '../../src/engine/scalar';
import { DERIVED, memoryOf, SIGNALS, type CellKind, type HeatName } from '../../src/shared/signals';
import type { CopyRequest, LayerInfo } from '../../src/shared/trace';
import { bytesOfText } from '../../src/text/decode';
import { noBreath } from '../../src/text/tracedText';
import { copy, MOST_VALUES } from '../../src/trace/copy';
import { FORMATS } from '../../src/trace/copyFormats';
import { createTrace } from '../../src/trace/create';
import { rows, type Subject } from '../../src/trace/questions';
import { traceGone } from '../../src/trace/trace';
import { someNetwork, type Shape } from '../worker/someModel';

const WHOLE = 'say "hi"\tto\\我\r\n😀. '.repeat(40);
const text = await bytesOfText('sample', WHOLE, noBreath);

interface Asked {
  readonly network: RecurrentNetwork;
  readonly subject: Subject;
  readonly layers: readonly LayerInfo[];
}

async function asked(shape: Shape, content = text): Promise<Asked> {
  const network = someNetwork({ vocab: 256, ...shape });
  const trace = await createTrace(network, { kind: 'tokens', tokens: content.tokens }, 2 ** 22, createScalarEngine);
  while (trace.advance());
  const layers = namedLayers(network).map(({ name, reverse, weights: { cell, inputSize, units } }): LayerInfo => {
    return { name, cell, inputSize, units, signals: SIGNALS[cell], derived: DERIVED[cell], reverse };
  });
  return { network, layers, subject: { trace, text: content, cells: layers.map(({ cell }) => cell), head: undefined } };
}

const ask = ({ subject, layers }: Asked, request: Omit<CopyRequest, 'trace'>): Promise<string> =>
  copy(subject, layers, request, noBreath);

const TRACKS: CopyRequest['tracks'] = [
  { layer: 0, signal: 'forget' },
  { layer: 1, signal: 'cell' },
  { layer: -1, signal: 'loss' },
];

interface Read {
  readonly token: readonly number[];
  readonly text: readonly string[];
  readonly units: Readonly<Record<string, readonly number[]>>;
  /** Of each track, its values in a row. */
  readonly arrays: Readonly<Record<string, readonly number[]>>;
}

type Nested = readonly (number | null | readonly (number | null)[])[];
const flat = (values: Nested): number[] => values.flat().map((value) => value ?? NaN);

const UNESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

function readTsv(copied: string): Read {
  const [header = [], ...lines] = copied
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      line.split('\t').map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)),
    );
  expect(header.slice(0, 2)).toEqual(['token', 'text']);
  for (const line of lines) expect(line).toHaveLength(header.length);
  const names = header.slice(2).map((name) => /^(.+?)(?:\[(\d+)\])?$/u.exec(name) ?? []);
  const arrays: Record<string, number[]> = {};
  const units: Record<string, number[]> = {};
  for (const [, name = '', unit] of names) if (unit !== undefined) (units[name] ??= []).push(Number(unit));
  for (const line of lines) {
    for (const [k, [, name = '']] of names.entries())
      (arrays[name] ??= []).push(Number(line[k + 2]?.replace('inf', 'Infinity')));
  }
  const unescape = (cell: string): string => cell.replaceAll(/\\[\\tnr]/gu, (pair) => UNESCAPED[pair] ?? pair);
  return {
    token: lines.map(([token]) => Number(token)),
    text: lines.map(([, shown = '']) => unescape(shown)),
    units,
    arrays,
  };
}

function readJson(copied: string): Read {
  interface Json {
    readonly from: number;
    readonly to: number;
    readonly token: number[];
    readonly text: string[];
    readonly arrays: Readonly<Record<string, { shape: number[]; units?: number[]; values: Nested }>>;
  }
  const { from, to, token, text: texts, arrays } = JSON.parse(copied) as Json;
  expect([from, to]).toEqual([token[0], (token.at(-1) ?? NaN) + 1]);
  for (const { shape, values } of Object.values(arrays)) {
    expect(shape).toEqual(Array.isArray(values[0]) ? [values.length, values[0].length] : [values.length]);
  }
  const units = Object.entries(arrays).flatMap(([name, { units: of }]) => (of ? [[name, of] as const] : []));
  return {
    token,
    text: texts,
    units: Object.fromEntries(units),
    arrays: Object.fromEntries(Object.entries(arrays).map(([name, { values }]) => [name, flat(values)])),
  };
}

/** As much Python as is written. */
function readNumpy(source: string): Read {
  const [head, body = ''] = source.split('\n\ntrace = ');
  expect(head).toBe('import numpy as np');
  const written = body
    .replaceAll('np.array([\n', '[\n')
    .replaceAll('], dtype=np.float32)', ']')
    .replaceAll(/np\.arange\((\d+), (\d+)\)/gu, '[$1, $2]')
    .replaceAll('np.nan', 'null')
    .replaceAll('np.inf', '1e999')
    .replaceAll(/,\n(\s*[\]}])/gu, '\n$1');
  const { token, text: texts, units, ...arrays } = JSON.parse(written) as Omit<Read, 'arrays'> & Record<string, Nested>;
  const [from = 0, to = 0] = token;
  return {
    token: Array.from({ length: to - from }, (_, k) => from + k),
    text: texts,
    units,
    arrays: Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, flat(values)])),
  };
}

const READERS = { tsv: readTsv, json: readJson, numpy: readNumpy };

const bits = (values: readonly number[] | Float32Array): number[] =>
  Array.from(new Uint32Array(Float32Array.from(values).buffer));

describe.each(['tsv', 'json', 'numpy'] as const)('as %s', (format) => {
  test.each<[string, number, number, readonly number[] | undefined]>([
    ['the start', 0, 20, undefined],
    ['across windows', 250, 530, undefined],
    ['some units, in the order asked for', 100, 110, [4, 0, 2]],
    ['one token and unit', 300, 301, [3]],
  ])('%s reads back exactly', async (_, from, to, units) => {
    const one = await asked({ cell: 'lstm', units: [5, 6] });
    const read = READERS[format](await ask(one, { from, to, tracks: TRACKS, format, ...(units && { units }) }));
    const { arrays } = await rows(one.subject, from, to);
    expect(Object.keys(read.arrays)).toEqual(['l0.forget', 'l1.cell', 'loss']);
    expect(read.units).toEqual({ 'l0.forget': units ?? [0, 1, 2, 3, 4], 'l1.cell': units ?? [0, 1, 2, 3, 4, 5] });
    for (const [name, values] of Object.entries(read.arrays)) {
      const { width, data = [] } = arrays[name] ?? {};
      const expected =
        width === undefined || units === undefined
          ? Array.from(data)
          : Array.from({ length: to - from }, (_, t) => units.map((unit) => data[t * width + unit] ?? NaN)).flat();
      expect(bits(values)).toEqual(bits(expected));
    }
    expect(Number.isNaN(read.arrays['loss']?.[0])).toBe(from === 0);
    expect(read.token).toEqual(Array.from({ length: to - from }, (_, k) => from + k));
  });

  test('the text of each token, whatever is in it', async () => {
    const one = await asked({ cell: 'rnn' });
    const request = { from: 1, to: 26, tracks: [{ layer: 0, signal: 'hidden' }], format } as const;
    const read = READERS[format](await ask(one, request));
    expect(read.text).toEqual([
      ...Array.from('ay "hi"\tto\\'),
      ...['⟨E6⟩', '⟨88⟩', '⟨91⟩', '\r', '\n', '⟨F0⟩', '⟨9F⟩', '⟨98⟩', '⟨80⟩', '.', ' '],
      ...Array.from('say'),
    ]);
  });

  test('every kind of float32', () => {
    const values = Float32Array.of(
      ...[
        0,
        -0,
        1,
        -1,
        0.1,
        1 / 3,
        16_777_217,
        1e-45,
        -1e-38,
        3.4028234e38,
        123456.79,
        8.589973e9,
        1e21,
        0.30000001192,
      ],
      ...[NaN, Infinity, -Infinity, 2 ** -126, 1.17549421e-38, 5e-8],
    );
    const tracks = [{ name: 'l0.cell', units: [...values.keys()], values }];
    const read = READERS[format]([...FORMATS[format]({ from: 7, texts: ['x'], tracks })].join(''));
    expect(bits(read.arrays['l0.cell'] ?? [])).toEqual(bits(values));
  });
});

test('no more digits than are needed', () => {
  const values = Float32Array.of(0.1, 0.93, -12.5, 1e-7, 0.30000001192);
  const tracks = [{ name: 'l0.cell', units: [0, 1, 2, 3, 4], values }];
  const [, row] = [...FORMATS.tsv({ from: 0, texts: ['x'], tracks })];
  expect(row).toBe('0\tx\t0.1\t0.93\t-12.5\t1e-7\t0.3\n');
});

const python = spawnSync('python3', ['-c', 'import numpy']);

test.skipIf(python.status !== 0)('Python runs the source (skipped where there is no python3 with NumPy)', async () => {
  const one = await asked({ cell: 'lstm', units: [5, 6] });
  const tracks: CopyRequest['tracks'] = [...TRACKS, { layer: 0, signal: 'change' }];
  const source = await ask(one, { from: 0, to: 300, tracks, format: 'numpy' });
  const dump = [
    'import json',
    'arrays = {k: v for k, v in trace.items() if k not in ("token", "text", "units")}',
    'assert all(v.dtype == np.float32 for v in arrays.values())',
    'print(json.dumps({"token": trace["token"].tolist(), "text": trace["text"], "units": trace["units"],',
    '  "shapes": {k: v.shape for k, v in arrays.items()},',
    '  "bits": {k: v.view(np.uint32).ravel().tolist() for k, v in arrays.items()}}))',
  ].join('\n');
  const { stdout, stderr } = spawnSync('python3', ['-c', `${source}\n${dump}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const read = readNumpy(source);
  expect(JSON.parse(stdout)).toEqual({
    token: read.token,
    text: read.text,
    units: read.units,
    shapes: { 'l0.forget': [300, 5], 'l1.cell': [300, 6], loss: [300], 'l0.change': [300, 5] },
    bits: Object.fromEntries(Object.entries(read.arrays).map(([name, values]) => [name, bits(values)])),
  });
});

describe('derived signals', () => {
  /** By the float64 twin; the memory before a step is that of the layer's own time. */
  function expectedOf({ network, subject }: Asked, layer: number, signal: HeatName, token: number): number[] {
    const { length } = subject.trace;
    const run = evaluate(network, { tokens: text.tokens }, { steps: length, batch: 1 });
    const { reverse, signals, cell } = run.directions[layer] ?? {};
    const at = (name: string, t: number): number[] => {
      const { units = 0, values } = signals?.find((one) => one.name === name) ?? {};
      const inside = t >= 0 && t < length;
      return Array.from({ length: units }, (_, u) => (inside ? (values?.[t * units + u] ?? NaN) : 0));
    };
    const memory = memoryOf(cell ?? 'rnn');
    const before = at(memory, reverse ? token + 1 : token - 1);
    const of = (name: string, u: number): number => at(name, token)[u] ?? NaN;
    return before.map((m, u) => {
      const [i, f, g, o, z, r] = ['input', 'forget', 'candidate', 'output', 'update', 'reset'].map((name) =>
        of(name, u),
      ) as [number, number, number, number, number, number];
      const gate = (y: number): number => 1 - 4 * y * (1 - y);
      switch (signal) {
        case 'change':
          return of(memory, u) - m;
        case 'written':
          return cell === 'lstm' ? i * g : (1 - z) * g;
        case 'kept':
          return (cell === 'lstm' ? f : z) * m;
        default:
          if (cell === 'lstm') return (gate(i) + gate(f) + gate(o) + g * g) / 4;
          return cell === 'gru' ? (gate(r) + gate(z) + g * g) / 3 : of('hidden', u) ** 2;
      }
    });
  }
  test.each<[CellKind, HeatName, boolean]>(
    (['lstm', 'gru', 'rnn'] as const).flatMap((cell) =>
      [false, true].flatMap((both) =>
        DERIVED[cell].map(({ name }): [CellKind, HeatName, boolean] => [cell, name, both]),
      ),
    ),
  )('%s %s, in both directions: %s', async (cell, signal, bidirectional) => {
    const one = await asked({ cell, units: [3], bidirectional });
    const last = text.steps;
    for (const [layer] of one.layers.entries()) {
      for (const [from, to] of [
        [0, 3],
        [254, 258],
        [last - 2, last],
      ] as const) {
        const copied = await ask(one, { from, to, tracks: [{ layer, signal }], units: [2, 0], format: 'json' });
        const [values = []] = Object.values(readJson(copied).arrays);
        for (let token = from; token < to; token++) {
          const expected = expectedOf(one, layer, signal, token);
          for (const [k, unit] of [2, 0].entries()) {
            expect(values[(token - from) * 2 + k]).toBeCloseTo(expected[unit] ?? NaN, 4);
          }
        }
      }
    }
  });
});

describe('refused', () => {
  test.each<[string, Partial<Omit<CopyRequest, 'trace'>>, string, string]>([
    ['a signal that there is not', { tracks: [{ layer: 0, signal: 'reset' }] }, 'bad-request', 'no l0.reset'],
    ['a layer that there is not', { tracks: [{ layer: 5, signal: 'cell' }] }, 'bad-request', 'no layer 5.cell'],
    ['no track', { tracks: [] }, 'bad-request', 'Choose at least one'],
    [
      'units that there are not',
      { units: [5, 99], tracks: [{ layer: 0, signal: 'cell' }] },
      'bad-request',
      'unit 5, 99',
    ],
  ])('%s', async (_, request, code, message) => {
    const one = await asked({ cell: 'lstm', units: [5, 6] });
    await expect(ask(one, { from: 0, to: 10, tracks: TRACKS, format: 'tsv', ...request })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  test('a derived signal that the cell has not', async () => {
    const one = await asked({ cell: 'rnn' });
    const tracks: CopyRequest['tracks'] = [{ layer: 0, signal: 'kept' }];
    await expect(ask(one, { from: 0, to: 10, tracks, format: 'tsv' })).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('no l0.kept') as string,
    });
  });

  test('a unit that only some tracks have is copied of those', async () => {
    const one = await asked({ cell: 'lstm', units: [5, 6] });
    const { units } = readTsv(await ask(one, { from: 0, to: 2, tracks: TRACKS, units: [5, 1], format: 'tsv' }));
    expect(units).toEqual({ 'l0.forget': [1], 'l1.cell': [5, 1] });
  });

  test('too much, with the limit and what to do; as much as that is copied, giving way', async () => {
    const long = await bytesOfText('long', 'abcdefgh'.repeat(2 ** 11), noBreath);
    const one = await asked({ cell: 'rnn', units: [62] }, long);
    const tracks = [{ layer: 0, signal: 'hidden' }] as const;
    const most = Math.floor(MOST_VALUES / 62);
    await expect(ask(one, { from: 0, to: most + 1, tracks, format: 'tsv' })).rejects.toMatchObject({
      code: 'too-much',
      message: expect.stringMatching(/10000[0-9]{2} values.*at most 1000000 are.*fewer tokens/u) as string,
    });
    let breaths = 0;
    const breathe = (): Promise<void> => {
      breaths++;
      return Promise.resolve();
    };
    const copied = await copy(one.subject, one.layers, { from: 0, to: most, tracks, format: 'tsv' }, breathe);
    expect(copied.split('\n')).toHaveLength(most + 2);
    expect(breaths).toBeGreaterThan(copied.length / 2 ** 17);
  });

  test('it ends with its trace', async () => {
    const one = await asked({ cell: 'lstm', units: [5, 6] });
    const request = { from: 0, to: 300, tracks: TRACKS, format: 'json' } as const;
    const gone = copy(one.subject, one.layers, request, () => Promise.reject(traceGone()));
    await expect(gone).rejects.toMatchObject({ code: 'trace-gone' });
  });
});
