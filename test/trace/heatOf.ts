/** A trace of any network with what a heatmap asks of it. */
import type { RecurrentNetwork } from '../../src/engine/recurrent';
import { createScalarEngine } from '../../src/engine/scalar';
import { modelInfo } from '../../src/models/model';
import { createTrace } from '../../src/trace/create';
import { Heat } from '../../src/trace/heat';
import type { TraceInput } from '../../src/trace/stages';
import type { Trace } from '../../src/trace/trace';
import { someModel } from '../worker/someModel';

export interface Heated {
  readonly trace: Trace;
  readonly heat: Heat;
}

/** @param whole whether it is traced to its end */
export async function heatOf(
  network: RecurrentNetwork,
  input: TraceInput,
  memory: number,
  whole = true,
): Promise<Heated> {
  const trace = await createTrace(network, input, memory, createScalarEngine);
  while (whole && trace.advance());
  return { trace, heat: new Heat(trace, modelInfo(someModel(network), 1, 'some').layers) };
}
