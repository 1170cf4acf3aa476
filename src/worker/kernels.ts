/** Makes engines: in WASM kernels, compiled once, or in their scalar twin for what the kernels do not know. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { kernelsFile, sharedMemory } from '../engine/kernels';
import type { Engine } from '../engine/engine';
import { isPlain, type LayerWeights, type Network } from '../engine/network';
import { createScalarEngine } from '../engine/scalar';
import type { LayerEngine } from '../engine/scalarDense';
import { createDenseEngine, createWasmEngine, type EngineOptions } from '../engine/wasm';
import type { KernelsInUse } from '../shared/workerApi';
import type { EngineFactory } from '../trace/create';
import { compileKernels, type CompiledKernels } from './compileKernels';
import { Helper } from './team';

export interface KernelOptions {
  /** Results that are the same bit for bit on every machine, a few per cent slower. */
  readonly strict?: boolean;
  /** Vectors of 256 bits where the machine has them. */
  readonly widen?: boolean;
  /** Large layers on two threads where that is quicker. */
  readonly threads?: boolean;
  /** As in CompileOptions. */
  readonly marker?: string | undefined;
}

/** Units of an LSTM from which a second thread is tried. */
const TEAM_UNITS = 128;

export const wantsTeam = (layers: readonly Pick<LayerWeights, 'cell' | 'units'>[]): boolean =>
  layers.some(({ cell, units }) => cell === 'lstm' && units >= TEAM_UNITS);

/** Compiles what is asked for, once, and knows what engines are made with. */
export class KernelStore {
  private readonly compiled = new Map<string, Promise<CompiledKernels>>();
  private helper: Helper | undefined;

  /** @param folder where the builds of the kernels and helper.js lie */
  constructor(
    private readonly folder: string,
    private readonly options: KernelOptions = {},
  ) {}

  /** @param together whether two threads may share the layers */
  async prepare(together: boolean): Promise<{ module: WebAssembly.Module; options: EngineOptions }> {
    const shared = this.shares(together);
    const { module, wide } = await this.compile(shared);
    if (!shared) return { module, options: { paired: wide } };
    const memory = sharedMemory();
    this.helper ??= new Helper(join(this.folder, 'helper.js'));
    return { module, options: { paired: wide, memory, team: this.helper.join(module, memory) } };
  }

  /** What `prepare` gives for these layers. */
  async about(layers: readonly LayerWeights[]): Promise<KernelsInUse> {
    if (!layers.some(isPlain)) return { vectors: undefined, threads: 1 };
    const shared = this.shares(wantsTeam(layers));
    return { vectors: (await this.compile(shared)).vectors, threads: shared ? 2 : 1 };
  }

  private shares(together: boolean): boolean {
    const { threads = true } = this.options;
    return together && threads && availableParallelism() > 1;
  }

  private compile(shared: boolean): Promise<CompiledKernels> {
    const { strict = false, widen = true, marker } = this.options;
    const file = kernelsFile(strict, shared);
    const known = this.compiled.get(file);
    if (known) return known;
    const compiling = readFile(join(this.folder, file)).then((bytes) =>
      compileKernels(bytes, { widen, shared, marker }),
    );
    this.compiled.set(file, compiling);
    return compiling;
  }
}

/** @param folder where the builds of the kernels and helper.js lie */
export function wasmEngines(folder: string, options: KernelOptions = {}): EngineFactory {
  const store = new KernelStore(folder, options);
  return Object.assign(
    async (network: Network): Promise<Engine> => {
      if (!network.layers.every(isPlain)) return createScalarEngine(network);
      const { module, options: engine } = await store.prepare(wantsTeam(network.layers));
      return createWasmEngine(module, network, engine);
    },
    {
      about: (layers: readonly LayerWeights[]) => store.about(layers),
      layer: async (weights: LayerWeights): Promise<LayerEngine> => {
        const { module, options: engine } = await store.prepare(wantsTeam([weights]));
        return createDenseEngine(module, { input: { width: weights.inputSize }, layers: [weights] }, engine);
      },
    },
  );
}
