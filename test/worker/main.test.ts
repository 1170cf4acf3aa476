/** The worker's entry: what it is started with reaches the readers. */
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { WorkerClient } from '../../src/host/workerClient';

const folder = mkdtempSync(join(tmpdir(), 'gatescope-worker-'));
const script = join(folder, 'worker.cjs');
buildSync({ entryPoints: ['src/worker/main.ts'], bundle: true, platform: 'node', outfile: script });
const path = resolve('test/fixtures/pytorch/files/lstm-float16.safetensors');

let limits: unknown;
const client = new WorkerClient(script, {
  startData: () => ({ limits }),
  progress: () => undefined,
  exited: () => undefined,
  log: () => undefined,
});

afterAll(() => {
  client.dispose();
  rmSync(folder, { recursive: true });
});

it('limits of model files hold from the next start on', async () => {
  const inspect = (): Promise<unknown> => client.remote.inspect({ kind: 'file', path });
  await expect(inspect()).resolves.toMatchObject({ format: 'safetensors' });
  limits = { header: 10 };
  await expect(inspect()).resolves.toMatchObject({ format: 'safetensors' });
  client.restart('The setting gatescope.models.limits changed.');
  await expect(inspect()).rejects.toThrow(/header has \d+ bytes; the most is 10/u);
});
