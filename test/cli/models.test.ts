/** `inspect`, `trace`, `run` and `verify` of models over any tokens and numbers, from files to what is printed and written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inspectCommand } from '../../src/cli/inspectCommand';
import { npyHeader } from '../../src/cli/npz';
import { runCommand } from '../../src/cli/runCommand';
import { traceCommand } from '../../src/cli/traceCommand';
import { verifyCommand } from '../../src/cli/verifyCommand';
import { evaluate } from '../../src/engine/evaluate';
import { createScalarEngine } from '../../src/engine/scalar';
import type { ModelReader } from '../../src/worker/models';
import { readNpz } from '../npz';
import { referenceOf, someModel, someNetwork, withCells } from '../worker/someModel';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-models-'));
const path = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const LETTERS = 'abcdefghijkl';
const characters = someNetwork({ cell: 'lstm', units: [5, 4] });
const both = someNetwork({ cell: 'gru', units: [3], bidirectional: true });
const numbers = someNetwork({ cell: 'lstm', units: [4], numbers: true, width: 2 });

/** Stands for a format's reader: a file's name says which model it is. */
const readModel: ModelReader = ({ name }) => {
  if (name.includes('numbers')) return someModel(numbers, { numbers: { columns: ['x', 'y'] } });
  if (name.includes('both')) return someModel(both);
  return someModel(characters, {}, { notRun: ['Attention "attn"'], warnings: ['Something is odd.'], parameters: 1234 });
};

for (const name of ['characters.pt', 'both.pt', 'numbers.pt']) writeFileSync(path(name), 'weights');
writeFileSync(
  path('characters.gatescope.json'),
  JSON.stringify({ tokenizer: { kind: 'characters', tokens: LETTERS } }),
);
const TEXT = 'abacadaeaf';
writeFileSync(path('text.txt'), TEXT);
const TOKENS = Array.from(TEXT, (letter) => LETTERS.indexOf(letter));

function catching(): {
  terminal: { write: (text: string) => void; warn: (text: string) => void };
  said: () => string;
  warned: () => string;
} {
  let [said, warned] = ['', ''];
  return {
    terminal: { write: (text) => (said += text), warn: (text) => (warned += text) },
    said: () => said,
    warned: () => warned,
  };
}

const save = (name: string, values: Float32Array | Int32Array, shape: readonly number[]): string => {
  writeFileSync(path(name), Buffer.concat([npyHeader(values, shape), new Uint8Array(values.buffer)]));
  return path(name);
};

describe('inspect', () => {
  const inspect = async (model: string, json: boolean): Promise<string> => {
    const { terminal, said } = catching();
    await inspectCommand({ model: path(model), json }, createScalarEngine, terminal, readModel);
    return said();
  };
  test('for people', async () => {
    const text = await inspect('characters.pt', false);
    expect(text).toMatch(/^file {8}.*characters\.pt \(PyTorch, 7 bytes\)$/mu);
    expect(text).toMatch(
      /^l1 {10}LSTM 5 → 4; sigmoid, tanh, tanh; gates in the file i, f, g, o; two biases; 176 parameters$/mu,
    );
    expect(text).toMatch(/^head {8}4 → 12, the next token$/mu);
    expect(text).toMatch(/^tokenizer {3}characters, 12 tokens, from characters\.gatescope\.json$/mu);
    expect(text).toMatch(/^not run {5}Attention "attn"$/mu);
    expect(text).toMatch(/^warning {5}Something is odd\.$/mu);
  });
  test('what is not known', async () => {
    expect(await inspect('both.pt', false)).toMatch(/^tokenizer {3}not known: put vocab\.json/mu);
    expect(await inspect('numbers.pt', false)).toMatch(/^input {7}2 numbers a step: x, y$/mu);
  });
  test('as JSON', async () => {
    const found = JSON.parse(await inspect('both.pt', true)) as Record<string, unknown>;
    expect(found).toMatchObject({
      needs: 'tokenizer',
      merge: 'concat',
      layers: [{ name: 'l0' }, { name: 'l0_reverse', reverse: true }],
    });
  });
});

describe('run', () => {
  const run = async (model: string, inputs: readonly string[], out?: string): Promise<string> => {
    const { terminal, said } = catching();
    await runCommand({ model: path(model), inputs, out, json: true }, terminal, readModel);
    return said();
  };
  test('ids of one sequence', async () => {
    const ids = save('ids.npy', Int32Array.from(TOKENS), [10]);
    await run('characters.pt', [`tokens=${ids}`], path('ids.npz'));
    const arrays = readNpz(readFileSync(path('ids.npz')));
    expect(arrays.get('l1.cell')?.shape).toEqual([10, 1, 4]);
    expect(arrays.get('output')?.shape).toEqual([10, 1, 4]);
    expect(arrays.get('logits')?.shape).toEqual([10, 1, 12]);
    const { logits } = evaluate(characters, { tokens: TOKENS }, { steps: 10, batch: 1 });
    expect(arrays.get('logits')?.data).toEqual(Float32Array.from(logits ?? []));
  });
  test('a batch of ids, [batch, time]: each sequence as if alone, both directions', async () => {
    const ids = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const file = save('batch.npy', Int32Array.from(ids.flat()), [2, 3]);
    await run('both.pt', [`tokens=${file}`], path('batch.npz'));
    const hidden = readNpz(readFileSync(path('batch.npz'))).get('l0_reverse.hidden');
    expect(hidden?.shape).toEqual([3, 2, 3]);
    for (const [b, tokens] of ids.entries()) {
      const alone = evaluate(both, { tokens }, { steps: 3, batch: 1 }).directions[1]?.signals.at(-1)?.values;
      for (let s = 0; s < 3; s++) {
        const row = hidden?.data.slice((s * 2 + b) * 3, (s * 2 + b + 1) * 3);
        expect(row).toEqual(Float32Array.from(alone?.slice(s * 3, s * 3 + 3) ?? []));
      }
    }
  });
  test('numbers', async () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    await run('numbers.pt', [`x=${save('x.npy', x, [3, 2])}`], path('x.npz'));
    const { output } = evaluate(numbers, { x: Float64Array.from(x) }, { steps: 3, batch: 1 });
    expect(readNpz(readFileSync(path('x.npz'))).get('output')?.data).toEqual(Float32Array.from(output));
    expect(JSON.parse(await run('numbers.pt', [`x=${save('xb.npy', x, [1, 3, 2])}`]))).toMatchObject({
      steps: 3,
      batch: 1,
    });
  });
  test.each<[string, string, () => string[], RegExp]>([
    [
      'nothing',
      'both.pt',
      () => [],
      /Input tokens has no value.*--input tokens=FILE\.npy, \[time\] or \[batch, time\]/,
    ],
    ['a stranger', 'both.pt', () => [`x=${path('x.npy')}`], /no input x; its input is tokens/],
    ['floats for ids', 'both.pt', () => [`tokens=${path('x.npy')}`], /is \[3, 2\] of floats; .* of integers/],
    [
      'an id beyond the vocabulary',
      'both.pt',
      () => [`tokens=${save('far.npy', Int32Array.of(12), [1])}`],
      /Token 12 is outside the model's vocabulary of 12/,
    ],
    [
      'another width',
      'numbers.pt',
      () => [`x=${save('w.npy', new Float32Array(3), [1, 3])}`],
      /is \[1, 3\] of floats; \[time, 2\]/,
    ],
  ])('refuses %s', async (_, model, inputs, message) => {
    await expect(run(model, inputs())).rejects.toThrow(message);
  });
});

describe('trace', () => {
  test('a model over characters', async () => {
    const { terminal, said } = catching();
    const command = { file: path('text.txt'), model: path('characters.pt'), out: path('trace.npz'), json: true };
    await traceCommand(
      command,
      createScalarEngine,
      { ...terminal, status: () => undefined, columns: 60, colour: false },
      new AbortController().signal,
      readModel,
    );
    expect(JSON.parse(said())).toMatchObject({ tokens: 10, textLength: 10 });
    const arrays = readNpz(readFileSync(path('trace.npz')));
    expect([...(arrays.get('tokens')?.data ?? [])]).toEqual(TOKENS);
    const { directions } = evaluate(characters, { tokens: TOKENS }, { steps: 10, batch: 1 });
    const cell = directions[1]?.signals.find(({ name }) => name === 'cell')?.values ?? [];
    for (const [at, value] of (arrays.get('l1.cell')?.data ?? []).entries())
      expect(value).toBeCloseTo(cell[at] ?? NaN, 5);
  });
});

describe('verify', () => {
  const check = async (
    model: string,
    text: string,
    reference: Uint8Array,
    json = false,
  ): Promise<[boolean, string]> => {
    writeFileSync(path('reference.npz'), reference);
    const { terminal, said } = catching();
    const command = {
      model: path(model),
      text: path(text),
      reference: path('reference.npz'),
      tolerance: undefined,
      json,
    };
    return [await verifyCommand(command, createScalarEngine, terminal, readModel), said()];
  };
  test('a right one', async () => {
    const [agrees, said] = await check('characters.pt', 'text.txt', referenceOf(characters, { tokens: TOKENS }, 10));
    expect(agrees).toBe(true);
    expect(said).toMatch(/^agrees \(max error \d\.\de-\d+, tolerance 0\.0001, 10 steps\)\n/u);
  });
  test('a wrong one', async () => {
    const other = withCells(characters, (weights) => ({ ...weights, biasHh: undefined }));
    const [agrees, said] = await check('characters.pt', 'text.txt', referenceOf(other, { tokens: TOKENS }, 10));
    expect(agrees).toBe(false);
    expect(said).toMatch(
      /^first at token 0 "a", characters 0 to 1: l0, cell, unit \d is .* here, .* in the reference$/mu,
    );
    expect(said).toMatch(/^likely cause, bias: The reference has no recurrent bias.*with this it agrees/mu);
  });
  test('numbers, from a table', async () => {
    writeFileSync(path('table.csv'), 'day,y,x\nMon,2,1\nTue,4,3\n');
    const reference = referenceOf(numbers, { x: Float64Array.of(1, 2, 3, 4) }, 2);
    expect((await check('numbers.pt', 'table.csv', reference))[0]).toBe(true);
  });
  test('as JSON', async () => {
    const [, said] = await check('characters.pt', 'text.txt', referenceOf(characters, { tokens: TOKENS }, 10), true);
    expect(JSON.parse(said)).toMatchObject({ agrees: true, tokens: 10 });
  });
  test.each<[string, string, string, RegExp]>([
    [
      'no tokenizer',
      'both.pt',
      'text.txt',
      /both\.pt: Neither the file nor one beside it says how text becomes its 12 tokens.*both\.gatescope\.json/,
    ],
    ['another text', 'characters.pt', 'short.txt', /has 10 steps, but the text has 2/],
    ['no text', 'characters.pt', 'none.txt', /none\.txt is not there/],
  ])('%s', async (_, model, text, message) => {
    writeFileSync(path('short.txt'), 'ab');
    await expect(check(model, text, referenceOf(characters, { tokens: TOKENS }, 10))).rejects.toThrow(message);
  });
});
