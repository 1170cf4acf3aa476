/** `run` of a whole model over tokens or numbers. */
import { textIn } from '../shared/l10n';
import { evaluate, type SequenceInput } from '../engine/evaluate';
import { firstNonFinite, nonFiniteText } from '../engine/nonFinite';
import type { RecurrentNetwork } from '../engine/recurrent';
import type { Model } from '../models/model';
import type { RawTensor } from '../models/onnx/tensor';
import { badRequest, readInputs, type OutArray, type RunArrays } from './runFiles';

/**
 * @param inputs `tokens=FILE.npy` ([time] or [batch, time]), or `x=FILE.npy` ([time, width] or [batch, time, width])
 * @throws bad-request for inputs that do not fit the model
 */
export async function runModel(file: string, model: Model, inputs: readonly string[]): Promise<RunArrays> {
  const { network, architecture } = model;
  const { source, steps, batch } = sequencesOf(file, network.input, await readInputs(inputs));
  const run = evaluate(network, source, { steps, batch });
  const array = (values: Float64Array): OutArray => ({
    shape: [steps, batch, steps * batch === 0 ? 0 : values.length / (steps * batch)],
    values: Float32Array.from(values),
  });
  const outputs = new Map([['output', array(run.output)]]);
  if (run.logits) outputs.set('logits', array(run.logits));
  const signals = new Map(
    run.directions.flatMap(({ name, signals }) =>
      signals.map((signal): [string, OutArray] => [
        `${name}.${signal.name}`,
        { shape: [steps, batch, signal.units], values: Float32Array.from(signal.values) },
      ]),
    ),
  );
  const fault = firstNonFinite(run);
  const warnings = [...model.warnings, ...(fault ? [nonFiniteText(fault)] : [])].map((text) => textIn(text));
  return { what: architecture, steps, batch, outputs, signals, firstNonFinite: fault, warnings };
}

interface Sequences {
  readonly source: SequenceInput;
  readonly steps: number;
  readonly batch: number;
}

function sequencesOf(file: string, input: RecurrentNetwork['input'], fed: ReadonlyMap<string, RawTensor>): Sequences {
  const name = input.kind === 'tokens' ? 'tokens' : 'x';
  const shape =
    input.kind === 'tokens'
      ? '[time] or [batch, time]'
      : `[time, ${String(input.width)}] or [batch, time, ${String(input.width)}]`;
  const stranger = [...fed.keys()].find((other) => other !== name);
  if (stranger !== undefined)
    throw badRequest(`${file}: There is no input ${stranger}; its input is ${name} ${shape}.`);
  const given = fed.get(name);
  if (given === undefined)
    throw badRequest(`${file}: Input ${name} has no value. Give one with --input ${name}=FILE.npy, ${shape}.`);
  const width = input.kind === 'tokens' ? 1 : input.width;
  const sizes = input.kind === 'tokens' ? given.shape : given.shape.slice(0, -1);
  const fits =
    (sizes.length === 1 || sizes.length === 2) &&
    (input.kind === 'tokens' ? given.kind === 'int' : given.shape.at(-1) === width);
  if (!fits) {
    throw badRequest(
      `${file}: Input ${name} is [${given.shape.join(', ')}] of ${given.kind}s; ${shape} is expected, ${input.kind === 'tokens' ? 'of integers' : 'of floats'}.`,
    );
  }
  const [batch = 1, steps = 0] = sizes.length === 1 ? [1, sizes[0]] : sizes;
  // Here time comes first.
  const values = new Float64Array(steps * batch * width);
  for (let b = 0; b < batch; b++) {
    for (let s = 0; s < steps; s++) {
      const from = (b * steps + s) * width;
      values.set(given.values.subarray(from, from + width), (s * batch + b) * width);
    }
  }
  return { source: input.kind === 'tokens' ? { tokens: values } : { x: values }, steps, batch };
}
