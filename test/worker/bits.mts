/** Run by compileKernels.test.ts in the Node of VS Code: compares bits, and prints a BitsReport for each case. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { kernelsFile } from '../../src/engine/kernels';
import { createWasmEngine } from '../../src/engine/wasm';
import { KernelStore } from '../../src/worker/kernels';
import { randomNetwork, randomTokens } from '../engine/randomNetwork';

export interface BitsReport {
  readonly what: string;
  readonly same: boolean;
  readonly steps: number;
}

const DIST = resolve('dist');
const CELLS = [
  { cell: 'lstm', gruForm: 'resetAfter' },
  { cell: 'gru', gruForm: 'resetAfter' },
  { cell: 'gru', gruForm: 'resetBefore' },
  { cell: 'rnn', gruForm: 'resetAfter' },
] as const;
const SIZES = [1, 3, 5, 31, 33, 64, 200, 257];
const STEPS = 67;

const reports: BitsReport[] = [];
for (const strict of [false, true]) {
  const build = strict ? ', strict' : '';
  const plain = new WebAssembly.Module(readFileSync(`dist/${kernelsFile(strict)}`));
  const store = new KernelStore(DIST, { strict });
  const wide = await store.prepare(false);
  const compare = (
    what: string,
    units: readonly number[],
    other: Awaited<ReturnType<KernelStore['prepare']>>,
    cell: (typeof CELLS)[number],
  ): void => {
    const network = randomNetwork({ seed: 7, ...cell, units, width: 9 });
    const one = createWasmEngine(plain, network);
    const two = createWasmEngine(other.module, network, { ...other.options, always: true });
    const [a, b] = [new Float32Array(one.stateSize), new Float32Array(one.stateSize)];
    let same = true;
    // Windows of odd and even lengths, one after the other.
    for (const steps of [STEPS, 2, 1, 32]) {
      const tokens = randomTokens(steps, steps);
      const [x, y] = [one.run(tokens, a), two.run(tokens, b)];
      same &&= Buffer.from(x.buffer, x.byteOffset, x.byteLength).equals(
        Buffer.from(y.buffer, y.byteOffset, y.byteLength),
      );
      same &&= Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
    }
    reports.push({ what: `${what}${build}`, same, steps: STEPS });
  };
  for (const cell of CELLS) {
    for (const units of SIZES) compare(`${cell.cell}, ${cell.gruForm}, ${String(units)} units`, [units, 5], wide, cell);
  }
  for (const units of [16, 40, 257]) {
    compare(`team, ${String(units)} units`, [units, units], await store.prepare(true), CELLS[0]);
  }
}
console.log(JSON.stringify(reports));
// The second thread would wait for more.
process.exit(0);
