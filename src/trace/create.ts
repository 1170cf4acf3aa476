/** Makes the engines of a network once, and any number of traces by them: one door to both kinds of trace. */
import type { Engine } from '../engine/engine';
import { isPlain, type LayerWeights, type Network } from '../engine/network';
import { tokenNetwork, type RecurrentNetwork } from '../engine/recurrent';
import { createScalarLayer, type LayerEngine } from '../engine/scalarDense';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';
import type { KernelsInUse } from '../shared/workerApi';
import { StagedTrace } from './staged';
import { stagedNetwork, type TraceInput } from './stages';
import { StreamTrace } from './stream';
import type { Trace } from './trace';

export interface EngineFactory {
  /** The engine of a whole network that streams over tokens. */
  (network: Network): Engine | Promise<Engine>;
  /** That of one plain layer over vectors; where absent, such layers run in float64. */
  readonly layer?: (weights: LayerWeights) => LayerEngine | Promise<LayerEngine>;
  /** What such layers run in; where absent, in float64. */
  readonly about?: (layers: readonly LayerWeights[]) => KernelsInUse | Promise<KernelsInUse>;
}

/** Traces inputs by one network. @throws bad-request where the input is not what the network reads */
export type CreateTrace = (input: TraceInput, memory: number) => Trace;

/**
 * @throws model-damaged, model-unsupported
 */
export async function tracer(network: RecurrentNetwork, createEngine: EngineFactory): Promise<CreateTrace> {
  const streaming = tokenNetwork(network);
  if (streaming !== undefined) {
    const engine = await createEngine(streaming);
    return (input, memory) => {
      if (input.kind === 'tokens') return new StreamTrace(engine, input.tokens, memory);
      throw new GatescopeError('bad-request', say`The model reads tokens, not numbers.`);
    };
  }
  const { layer } = createEngine;
  const staged = await stagedNetwork(network, (weights) =>
    layer && isPlain(weights) ? layer(weights) : createScalarLayer(weights),
  );
  return (input, memory) => new StagedTrace(staged, input, memory);
}

/** One trace of one input: see `tracer`, where more will follow. */
export const createTrace = async (
  network: RecurrentNetwork,
  input: TraceInput,
  memory: number,
  createEngine: EngineFactory,
): Promise<Trace> => (await tracer(network, createEngine))(input, memory);
