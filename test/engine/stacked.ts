import type { RecurrentLayer, SequenceLayer } from '../../src/engine/sequence';

/** A layer whose directions stand side by side. */
export const stacked = (directions: SequenceLayer): RecurrentLayer => ({ directions, merge: 'concat' });
