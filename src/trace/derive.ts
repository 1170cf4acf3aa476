/** What follows from a step's signals and the memory before it, for layers with the usual functions (see `DerivedName`). */
import { memoryOf, type CellKind, type DerivedName, type SignalName } from '../shared/signals';

/** Gates and the candidate, by which a step is saturated. */
const SQUASHED: Readonly<Record<CellKind, readonly SignalName[]>> = {
  rnn: ['hidden'],
  gru: ['reset', 'update', 'candidate'],
  lstm: ['input', 'forget', 'candidate', 'output'],
};

/** Squashed by tanh; the others by a sigmoid. */
const TANH: readonly SignalName[] = ['candidate', 'hidden'];

/**
 * @param values of the step by signal, each [units]
 * @param before the memory of the step before, [units]
 * @returns [units]
 */
export function derive(
  name: DerivedName,
  cell: CellKind,
  values: Readonly<Partial<Record<SignalName, Float32Array>>>,
  before: Float32Array,
): Float32Array {
  const of = (signal: SignalName, unit: number): number => values[signal]?.[unit] ?? NaN;
  const lstm = cell === 'lstm';
  return before.map((memory, unit) => {
    switch (name) {
      case 'change':
        return of(memoryOf(cell), unit) - memory;
      case 'written':
        return lstm ? of('input', unit) * of('candidate', unit) : (1 - of('update', unit)) * of('candidate', unit);
      case 'kept':
        return of(lstm ? 'forget' : 'update', unit) * memory;
      case 'saturation': {
        const lost = SQUASHED[cell].map((signal) => {
          const y = of(signal, unit);
          // σ′/σ′max is 4 y (1 - y) of a sigmoid, 1 - y² of tanh.
          return TANH.includes(signal) ? y ** 2 : (2 * y - 1) ** 2;
        });
        return lost.reduce((sum, one) => sum + one, 0) / lost.length;
      }
    }
  });
}
