/** The rehearsal walks the way of a first trace, and leaves nothing behind. */
import { expect, it } from 'vitest';
import { rehearse, type RehearsalWorker } from '../../src/host/rehearsal';
import { createScalarEngine } from '../../src/engine/scalar';
import { createHandler } from '../../src/worker/handler';
import { tinyModel } from '../models/tinyModel';

const MODEL = { kind: 'bytes', name: 'tiny.safetensors', bytes: tinyModel() } as const;

/** A worker without a thread, whose answers come in the order of its calls. @param broken a method that fails */
function setUp(broken?: keyof RehearsalWorker) {
  const calls: string[] = [];
  let opened = 0;
  const handler = createHandler(createScalarEngine, { progress: () => undefined });
  const worker = Object.fromEntries(
    (['loadModel', 'open', 'tile', 'glyphs', 'close'] as const).map((name) => [
      name,
      async (...args: unknown[]) => {
        calls.push(name);
        if (name === broken) throw new Error(`no ${name}`);
        const result = await (handler[name] as (...given: unknown[]) => unknown)(...args);
        if (name === 'open') opened = (result as { id: number }).id;
        return result;
      },
    ]),
  ) as unknown as RehearsalWorker;
  const gone = async (): Promise<void> => {
    const tile = async (): Promise<unknown> =>
      handler.tile({ trace: opened, layer: 0, signal: 'cell', level: 0, index: 0 });
    await expect(tile()).rejects.toMatchObject({ code: 'trace-gone' });
  };
  return { worker, calls, gone };
}

it('reads, traces, draws tiles and letters, and closes what it traced', async () => {
  const { worker, calls, gone } = setUp();
  await rehearse(worker, MODEL);
  expect([...new Set(calls)]).toEqual(['loadModel', 'open', 'tile', 'glyphs', 'close']);
  await gone();
});

it.each(['tile', 'glyphs'] as const)('closes it where %s fails, and says so', async (broken) => {
  const { worker, gone } = setUp(broken);
  await expect(rehearse(worker, MODEL)).rejects.toThrow(`no ${broken}`);
  await gone();
});
