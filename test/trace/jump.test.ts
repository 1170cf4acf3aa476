/** Where jumps go, against every loss and every change of memory looked at one by one. */
import { describe, expect, test, vi } from 'vitest';
import { WINDOW_TOKENS } from '../../src/engine/engine';
import { findColumn } from '../../src/engine/layout';
import { namedLayers, type RecurrentNetwork } from '../../src/engine/recurrent';
import { createScalarEngine } from '../../src/engine/scalar';
import { memoryOf, type CellKind } from '../../src/shared/signals';
import type { JumpRequest } from '../../src/shared/trace';
import { bytesOfText } from '../../src/text/decode';
import { noBreath } from '../../src/text/tracedText';
import { changeOf } from '../../src/trace/change';
import { createTrace } from '../../src/trace/create';
import { jump } from '../../src/trace/jump';
import { lossOf } from '../../src/trace/loss';
import { usualIn, type Measure } from '../../src/trace/measure';
import type { Subject } from '../../src/trace/questions';
import { traceGone } from '../../src/trace/trace';
import { seededRandom } from '../engine/randomNetwork';
import { someNetwork } from '../worker/someModel';

const random = seededRandom(4);
/** Mostly one sentence; now and then what never comes else. */
const WHOLE = Array.from({ length: 700 }, () => {
  const odd = String.fromCharCode(0x21 + Math.floor(random() * 90));
  return `some words, again\n${random() < 0.1 ? odd : ''}`;
}).join('');
const text = await bytesOfText('sample', WHOLE, noBreath);

interface Case {
  readonly cell: CellKind;
  readonly bidirectional?: boolean;
  readonly units?: readonly number[];
  /** A head of two layers, the second of which changes nothing. */
  readonly deep?: boolean;
  readonly memory?: number;
  /** Steps of the first pass that are done; all where absent. */
  readonly advanced?: number;
}

interface Asked {
  readonly network: RecurrentNetwork;
  readonly subject: Subject;
}

/** What comes often is expected and moves little; what comes seldom is neither. */
function startled({ input, head, ...rest }: RecurrentNetwork): RecurrentNetwork {
  const often = new Set('some words, again\n'.split('').map((c) => c.charCodeAt(0)));
  const odd = (id: number): boolean => !often.has(id);
  const table =
    input.kind === 'tokens'
      ? input.table?.map((value, k) => value * (odd(Math.floor(k / input.width)) ? 3 : 0.1))
      : undefined;
  const [dense] = head?.layers ?? [];
  const bias = dense?.bias?.map((value, id) => value + (odd(id) ? -4 : 4));
  return {
    ...rest,
    input: input.kind === 'tokens' ? { ...input, table } : input,
    head: head && dense && { ...head, layers: [{ ...dense, bias }] },
  };
}

function deepened({ head, ...rest }: RecurrentNetwork): RecurrentNetwork {
  const size = head?.layers.at(-1)?.outputSize ?? 0;
  const weight = Float32Array.from({ length: size * size }, (_, k) => (k % (size + 1) === 0 ? 1 : 0));
  const same = { inputSize: size, outputSize: size, weight, bias: undefined, activation: undefined };
  return { ...rest, head: head && { ...head, layers: [...head.layers, same] } };
}

async function asked({ cell, memory = 2 ** 24, advanced = Infinity, deep = false, ...shape }: Case): Promise<Asked> {
  const flat = startled(someNetwork({ cell, vocab: 256, ...shape }));
  const network = deep ? deepened(flat) : flat;
  const trace = await createTrace(network, { kind: 'tokens', tokens: text.tokens }, memory, createScalarEngine);
  for (let k = 0; k < advanced && trace.advance(); k++);
  const cells = namedLayers(network).map(({ weights }) => weights.cell);
  return { network, subject: { trace, text, cells, head: undefined } };
}

/** Rows [units] of a column at every token. */
async function columnOf(
  { trace }: Subject,
  layer: number,
  signal: 'loss' | 'cell' | 'hidden',
): Promise<Float32Array[]> {
  const column = findColumn(trace.layout, layer, signal);
  if (column === undefined) throw new Error('no such column');
  const rows: Float32Array[] = [];
  for (let window = 0; window * WINDOW_TOKENS < trace.done; window++) {
    await trace.read(window, ({ records, tokens }) => {
      for (let t = 0; t < tokens; t++) {
        const from = t * trace.layout.width + column.offset;
        rows.push(records.slice(from, from + column.units));
      }
    });
  }
  return rows.slice(0, trace.done);
}

async function everyLoss(subject: Subject): Promise<number[]> {
  const rows = await columnOf(subject, -1, 'loss');
  return rows.map((row, token) => (token === 0 ? NaN : (row[0] ?? NaN)));
}

async function everyChange(subject: Subject, layer: number, reverse: boolean): Promise<number[]> {
  const rows = await columnOf(subject, layer, memoryOf(subject.cells[layer] ?? 'rnn') as 'cell' | 'hidden');
  return rows.map((row, token) => {
    const earlier = reverse ? token + 1 : token - 1;
    const known = earlier < 0 || earlier === subject.trace.length;
    const before = rows[earlier] ?? row.map(() => (known ? 0 : NaN));
    const squares = Array.from(row, (value, unit) => (value - (before[unit] ?? NaN)) ** 2);
    return Math.sqrt(squares.reduce((a, b) => a + b, 0) / row.length);
  });
}

/** Every token that stands out. */
const standing = (values: readonly number[], least: number): number[] =>
  values.flatMap((value, token) => {
    if (!(value > least)) return [];
    const near = values.slice(Math.max(0, token - 8), token + 9);
    const earlier = values.slice(Math.max(0, token - 8), token);
    return near.every((other) => !(other > value)) && earlier.every((other) => !(other >= value)) ? [token] : [];
  });

function largest(values: readonly number[]): number {
  let best = -1;
  for (const [token, value] of values.entries()) if (value > (values[best] ?? -Infinity)) best = token;
  return best;
}

async function walk(
  subject: Subject,
  request: Omit<JumpRequest, 'trace' | 'from' | 'to'>,
  to: 'next' | 'previous',
  reverse: boolean,
): Promise<number[]> {
  const found: number[] = [];
  let from: number | undefined = to === 'next' ? -1 : subject.trace.done;
  for (;;) {
    from = await jump(subject, { ...request, from, to }, reverse, noBreath);
    if (from === undefined) return found;
    found.push(from);
  }
}

const least = async ({ trace }: Subject, measure: Measure): Promise<number> => {
  const { mean, deviation } = await usualIn(trace, measure, noBreath);
  return mean + 3 * deviation;
};

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

const cases: readonly (readonly [string, Case])[] = [
  ['resident by blocks of eight', { cell: 'gru' }],
  ['resident more coarsely', { cell: 'lstm', units: [6], memory: 150_000 }],
  ['resident by blocks longer than a window', { cell: 'lstm', units: [6], memory: 60_000 }],
  ['of few tokens', { cell: 'lstm', advanced: 10 }],
  ['on its way', { cell: 'lstm', advanced: 41 }],
];

describe.each(cases)('a trace %s', (name, one) => {
  test('the loss: next, previous, largest', async () => {
    const { subject } = await asked(one);
    const { level } = subject.trace.base;
    if (name.includes('longer')) expect(level).toBeGreaterThan(8);
    if (name.includes('coarsely')) expect(level).toBeGreaterThan(4);
    const values = await everyLoss(subject);
    const expected = standing(values, await least(subject, lossOf(subject.trace)));
    expect(expected.length).toBeGreaterThan(one.advanced === 10 ? 0 : 9);
    const request = { by: 'loss', layer: -1 } as const;
    expect(await walk(subject, request, 'next', false)).toEqual(expected);
    expect(await walk(subject, request, 'previous', false)).toEqual(expected.toReversed());
    const most = await jump(subject, { ...request, from: 99, to: 'largest' }, false, noBreath);
    expect(most).toBe(largest(values));
  });

  test('the change: next, previous, largest', async () => {
    const { subject } = await asked(one);
    const values = await everyChange(subject, 0, false);
    const expected = standing(values, await least(subject, changeOf(subject.trace, 0, one.cell, false)));
    const request = { by: 'change', layer: 0 } as const;
    expect(expected.length).toBeGreaterThan(one.advanced === 10 ? 0 : 9);
    expect(await walk(subject, request, 'next', false)).toEqual(expected);
    expect(await walk(subject, request, 'previous', false)).toEqual(expected.toReversed());
    const most = await jump(subject, { ...request, from: 99, to: 'largest' }, false, noBreath);
    expect(most).toBe(largest(values));
  });
});

test.each<[string, Case, number, boolean]>([
  ['forward, of two directions', { cell: 'lstm', bidirectional: true }, 0, false],
  ['backwards', { cell: 'lstm', bidirectional: true }, 1, true],
  ['backwards, of the second layer', { cell: 'gru', units: [4, 3], bidirectional: true }, 3, true],
  // The step before the last token that is traced is the token behind it.
  ['backwards, on its way', { cell: 'lstm', bidirectional: true, advanced: 100 }, 1, true],
])('the change of a layer %s', async (_, one, layer, reverse) => {
  const { subject } = await asked(one);
  const values = await everyChange(subject, layer, reverse);
  const expected = standing(values, await least(subject, changeOf(subject.trace, layer, one.cell, reverse)));
  expect(expected.length).toBeGreaterThan(0);
  const request = { by: 'change', layer } as const;
  expect(await walk(subject, request, 'next', reverse)).toEqual(expected);
  expect(await walk(subject, request, 'previous', reverse)).toEqual(expected.toReversed());
  expect(await jump(subject, { ...request, from: 0, to: 'largest' }, reverse, noBreath)).toBe(largest(values));
});

describe('what is usual', () => {
  test.each(cases)('of a trace %s is near the mean and deviation of all', async (_, one) => {
    const { subject } = await asked(one);
    for (const [measure, values] of [
      [lossOf(subject.trace), await everyLoss(subject)],
      [changeOf(subject.trace, 0, one.cell, false), await everyChange(subject, 0, false)],
    ] as const) {
      const finite = values.filter((value) => !Number.isNaN(value));
      const usual = await usualIn(subject.trace, measure, noBreath);
      expect(usual.mean / mean(finite)).toBeCloseTo(1, 1);
      expect(usual.deviation / deviation(finite)).toBeGreaterThan(0.8);
      expect(usual.deviation / deviation(finite)).toBeLessThan(1.25);
    }
  });
  test('no window has more than its bound, and the bounds of quiet windows are of use', async () => {
    const { subject } = await asked({ cell: 'gru' });
    for (const measure of [lossOf(subject.trace), changeOf(subject.trace, 0, 'gru', false)]) {
      for (let window = 0; window * WINDOW_TOKENS < subject.trace.done; window++) {
        const values = (await measure.values(window)).filter((value) => !Number.isNaN(value));
        expect(Math.max(...values)).toBeLessThanOrEqual(measure.bound(window));
        expect(measure.bound(window)).toBeLessThan(Infinity);
      }
    }
  });
});

test.each<[string, Case]>([
  ['that streams', { cell: 'gru' }],
  ['resident by blocks longer than a window', { cell: 'lstm', units: [6], memory: 60_000 }],
  ['in stages', { cell: 'lstm', deep: true }],
])('in a trace %s the greatest loss is looked for in its own window alone', async (_, one) => {
  const { subject } = await asked(one);
  const values = await everyLoss(subject);
  const read = vi.spyOn(subject.trace, 'read');
  const request = { by: 'loss', layer: -1, from: 0, to: 'largest' } as const;
  const token = largest(values);
  expect(await jump(subject, request, false, noBreath)).toBe(token);
  expect(read.mock.calls.map(([window]) => window)).toEqual([Math.floor(token / WINDOW_TOKENS)]);
});

describe('after an edit', () => {
  test('blocks that stand in for others are not believed', async () => {
    const { subject } = await asked({ cell: 'gru' });
    const at = WHOLE.indexOf('again', 5000);
    const whole = `${WHOLE.slice(0, at)}\u0007${WHOLE.slice(at)}`;
    const edited = await bytesOfText('sample', whole, noBreath);
    const trace = subject.trace.edited(edited.tokens);
    // The first window alone: the rest is known by its checkpoints soon, its summary only later.
    while (trace.state === 'running' && trace.advance());
    expect(trace.settled).toBeLessThan(trace.done);
    // Before the edit the greatest losses are known still, behind it not yet.
    expect(trace.greatestLoss(0)).toBe(subject.trace.greatestLoss(0));
    expect(trace.greatestLoss(Math.floor(trace.done / WINDOW_TOKENS) - 1)).toBeNaN();
    const now: Subject = { ...subject, trace, text: edited };
    const values = await everyLoss(now);
    const request = { by: 'loss', layer: -1, from: 0 } as const;
    expect(await jump(now, { ...request, to: 'largest' }, false, noBreath)).toBe(largest(values));
    while (trace.advance());
    expect(await walk(now, request, 'next', false)).toEqual(standing(values, await least(now, lossOf(trace))));
  });
});

describe('lines', () => {
  const at = async (
    whole: string,
    from: number,
    to: JumpRequest['to'],
    windows = Infinity,
  ): Promise<number | undefined> => {
    const { network } = await asked({ cell: 'rnn', advanced: 0 });
    const lines = await bytesOfText('sample', whole, noBreath);
    const trace = await createTrace(network, { kind: 'tokens', tokens: lines.tokens }, 2 ** 22, createScalarEngine);
    for (let k = 0; k < windows && trace.advance(); k++);
    const subject: Subject = { trace, text: lines, cells: ['rnn'], head: undefined };
    return jump(subject, { from, to, by: 'line', layer: 0 }, false, noBreath);
  };
  test.each<[string, string, number, 'next' | 'previous', number | undefined]>([
    ['to the next', 'ab\ncd\nef', 1, 'next', 3],
    ['from the beginning of one', 'ab\ncd\nef', 3, 'next', 6],
    ['from the last', 'ab\ncd\nef', 7, 'next', undefined],
    ['behind the last end of line there is no token', 'ab\n', 0, 'next', undefined],
    ['back to its beginning', 'ab\ncd\nef', 4, 'previous', 3],
    ['back from the beginning of one', 'ab\ncd\nef', 3, 'previous', 0],
    ['back from the first', 'ab\ncd\nef', 0, 'previous', undefined],
    ['blank ones are lines', '\n\n\n', 0, 'next', 1],
    ['to the first, from before it', 'ab', -1, 'next', 0],
  ])('%s', async (_, whole, from, to, expected) => {
    expect(await at(whole, from, to)).toBe(expected);
  });
  test('one that is not traced yet is none', async () => {
    const whole = `${'a'.repeat(300)}\nb`;
    expect(await at(whole, 0, 'next', 1)).toBeUndefined();
    expect(await at(whole, 0, 'next')).toBe(301);
  });
  test('there is no largest', async () => {
    await expect(at('a\nb', 0, 'largest')).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('refused', () => {
  test.each<[string, JumpRequest['by'], number, string]>([
    ['a loss that there is not', 'loss', 0, 'no loss'],
    ['a layer that there is not', 'change', 7, 'no layer 7'],
  ])('%s', async (_, by, layer, message) => {
    const network = someNetwork({ cell: 'gru', vocab: 256, head: false });
    const trace = await createTrace(network, { kind: 'tokens', tokens: text.tokens }, 2 ** 22, createScalarEngine);
    const subject: Subject = { trace, text, cells: ['gru'], head: undefined };
    await expect(jump(subject, { from: 0, to: 'next', by, layer }, false, noBreath)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining(message) as string,
    });
  });
  test('a search ends with its trace, and the next one begins anew', async () => {
    const { subject } = await asked({ cell: 'gru' });
    const request = { from: 0, to: 'largest', by: 'change', layer: 0 } as const;
    let breaths = 0;
    const breathe = (): Promise<void> => (++breaths === 3 ? Promise.reject(traceGone()) : Promise.resolve());
    await expect(jump(subject, request, false, breathe)).rejects.toMatchObject({ code: 'trace-gone' });
    expect(breaths).toBe(3);
    expect(await jump(subject, request, false, noBreath)).toBe(largest(await everyChange(subject, 0, false)));
  });
});
