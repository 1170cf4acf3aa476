/** The worker inside VS Code traces with the widest vectors that its V8 and processor make. */
import { equal, ok } from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { gatescope, tidy, traced, write } from './helpers';

/** Whether the processor has vectors of 256 bits; undefined where it cannot be asked. */
function hasWideVectors(): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  return /^flags\s*:.*\bavx2\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

suite('Kernels', () => {
  teardown(tidy);

  test('a trace says what computes it', async () => {
    const { info } = await traced(await write('kernels.txt', 'What computes this?'));
    const { worker } = await gatescope();
    const { vectors, threads } = await worker.about(info.id);
    ok(vectors === 256 || vectors === 128, `The bundled model runs in kernels, not in ${String(vectors)}.`);
    // 256 units: large enough to be shared.
    equal(threads, availableParallelism() > 1 ? 2 : 1);
    const able = process.arch === 'x64' && Number.parseInt(process.versions.v8, 10) >= 13 ? hasWideVectors() : false;
    if (able !== undefined) equal(vectors, able ? 256 : 128);
  });
});
