import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WorkerClient } from '../../src/host/workerClient';
import type { GatescopeError } from '../../src/shared/errors';
import type { TraceProgress } from '../../src/shared/trace';

// A worker of the real contract whose methods misbehave on purpose.
const SCRIPT = `
  import { parentPort } from 'node:worker_threads';
  import { connect } from '${join(import.meta.dirname, '../../src/shared/rpc')}';
  import { GatescopeError } from '${join(import.meta.dirname, '../../src/shared/errors')}';
  const { remote } = connect(
    { post: (m) => parentPort.postMessage(m), listen: (f) => parentPort.on('message', f) },
    {
      rangeOf: (_, token) => ({ start: token, end: token + 1 }),
      stop: () => new Promise(() => {}),
      close: () => process.exit(7),
      loadModel: () => { setImmediate(() => { throw new RangeError('Out of memory'); }); return new Promise(() => {}); },
      explain: () => { throw new GatescopeError('trace-gone', 'Trace 5 is closed.'); },
      glyphs: async () => {
        await remote.progress({ id: 1, done: 10, state: 'running', meanLoss: undefined });
        console.log('said');
        return [];
      },
    },
  );
`;

let folder: string;
let script: string;
const clients: WorkerClient[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatescope-'));
  script = join(folder, 'worker.cjs');
  buildSync({
    stdin: { contents: SCRIPT, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    outfile: script,
  });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Heard {
  readonly client: WorkerClient;
  readonly progress: TraceProgress[];
  readonly exits: string[];
  readonly lines: string[];
}

function start(now?: () => number): Heard {
  const progress: TraceProgress[] = [];
  const exits: string[] = [];
  const lines: string[] = [];
  const listener = {
    progress: (p: TraceProgress) => progress.push(p),
    exited: (reason: GatescopeError) => exits.push(reason.message),
    log: (line: string) => lines.push(line),
  };
  const client = new WorkerClient(script, listener, now);
  clients.push(client);
  return { client, progress, exits, lines };
}

describe('the worker client', () => {
  it('answers calls, keeps the code of an error, tells progress', async () => {
    const { client, progress } = start();
    await expect(client.remote.rangeOf(1, 4)).resolves.toEqual({ start: 4, end: 5 });
    await expect(client.remote.explain(5, 0)).rejects.toMatchObject({
      code: 'trace-gone',
      message: 'Trace 5 is closed.',
    });
    await client.remote.glyphs(1, 0, 1);
    expect(progress).toEqual([{ id: 1, done: 10, state: 'running', meanLoss: undefined }]);
  });

  it.each([
    ['exits', (c: WorkerClient) => c.remote.close(1), 'exit code 7'],
    ['throws', (c: WorkerClient) => c.remote.loadModel({ kind: 'file', path: 'x' }), 'Out of memory'],
  ])('rejects every pending call when the worker %s, and starts again', async (_, crash, reason) => {
    const { client, exits } = start();
    const pending = client.remote.stop(1);
    const rejected = { code: 'worker-exited', message: expect.stringContaining(reason) as string };
    const both = Promise.allSettled([pending, crash(client)]);
    expect(await both).toMatchObject([
      { status: 'rejected', reason: rejected },
      { status: 'rejected', reason: rejected },
    ]);
    expect(exits).toHaveLength(1);
    await expect(client.remote.rangeOf(1, 2)).resolves.toEqual({ start: 2, end: 3 });
  });

  it('stops after three crashes in a minute, and tries again later', async () => {
    let time = 0;
    const { client } = start(() => time);
    for (let n = 0; n < 3; n++) await expect(client.remote.close(1)).rejects.toMatchObject({ code: 'worker-exited' });
    await expect(client.remote.rangeOf(1, 2)).rejects.toMatchObject({
      code: 'worker-exited',
      message: expect.stringContaining('3 times within a minute') as string,
    });
    time = 60_001;
    await expect(client.remote.rangeOf(1, 2)).resolves.toEqual({ start: 2, end: 3 });
  });

  it('rejects pending and later calls when disposed', async () => {
    const { client } = start();
    await client.remote.rangeOf(1, 1);
    const pending = client.remote.stop(1);
    client.dispose();
    await expect(pending).rejects.toMatchObject({ code: 'worker-exited' });
    await expect(client.remote.rangeOf(1, 2)).rejects.toMatchObject({ code: 'worker-exited' });
  });

  it('starts no worker before the first call', () => {
    const { client, exits } = start();
    client.dispose();
    expect(exits).toEqual([]);
  });
});
