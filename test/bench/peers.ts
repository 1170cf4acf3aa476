/** The runtimes that are compared with, each as a function that does one pass over the same inputs. */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { LayerWeights } from '../../src/engine/network';
import { recurrentModel } from './onnx';

interface OrtTensor {
  readonly data: Float32Array;
}

/** What is used of onnxruntime-node, which is not among the project's own packages. */
interface Ort {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: { intraOpNumThreads: number; interOpNumThreads: number },
    ): Promise<{
      run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
      release(): Promise<void>;
    }>;
  };
}

/** The bench's folder; it runs in the root. */
const HERE = resolve('test/bench');

const ort = createRequire(join(HERE, 'package.json'))('onnxruntime-node') as Ort;

export interface Peer {
  /** Hidden states [steps, units]. */
  readonly run: () => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** @param inputs [steps, layer.inputSize] */
export async function onnxruntime(layer: LayerWeights, inputs: Float32Array, threads: number): Promise<Peer> {
  const steps = inputs.length / layer.inputSize;
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(recurrentModel(layer, steps), options);
  const X = new ort.Tensor('float32', inputs, [steps, 1, layer.inputSize]);
  return {
    run: async () => (await session.run({ X }))['Y']?.data ?? new Float32Array(0),
    close: () => session.release(),
  };
}

/** A Python that has torch: GATESCOPE_PYTHON, else python3. */
const PYTHON = process.env['GATESCOPE_PYTHON'] ?? 'python3';

export const torchVersion = (): string | undefined => {
  const found = spawnSync(PYTHON, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
};

/** Each call of `run` does `steps` steps of gateLoop.py and gives what they took, in milliseconds. */
export function gateLoop(units: number, steps: number): { run: () => Promise<number>; close: () => void } {
  const child = spawn(PYTHON, [join(HERE, 'gateLoop.py'), String(units), String(steps)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    run: async () => {
      child.stdin.write('\n');
      const { value } = (await lines.next()) as { value?: string };
      return Number(value);
    },
    close: () => {
      child.stdin.end();
    },
  };
}
