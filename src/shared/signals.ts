/** The names of what a recurrent cell does at one step, and how each is scaled for the eye. Names are the field's. */

export type CellKind = 'rnn' | 'gru' | 'lstm';

export type SignalName = 'input' | 'forget' | 'reset' | 'update' | 'candidate' | 'output' | 'cell' | 'hidden';

/**
 * How a signal's values lie: `gate` 0…1 (sigmoid), `signed` -1…1 (tanh), `free` unbounded around zero
 * (the cell state; the hidden state of a ReLU cell), `positive` unbounded from zero (the loss).
 */
export type Scale = 'gate' | 'signed' | 'free' | 'positive';

export interface SignalInfo {
  readonly name: SignalName;
  readonly scale: Scale;
}

/**
 * Signals of each kind of cell, in the order in which the engine records them: PyTorch's gate order (LSTM i, f, g, o;
 * GRU r, z, n), then the state.
 */
export const SIGNALS: Readonly<Record<CellKind, readonly SignalInfo[]>> = {
  rnn: [{ name: 'hidden', scale: 'signed' }],
  gru: [
    { name: 'reset', scale: 'gate' },
    { name: 'update', scale: 'gate' },
    { name: 'candidate', scale: 'signed' },
    { name: 'hidden', scale: 'signed' },
  ],
  lstm: [
    { name: 'input', scale: 'gate' },
    { name: 'forget', scale: 'gate' },
    { name: 'candidate', scale: 'signed' },
    { name: 'output', scale: 'gate' },
    { name: 'cell', scale: 'free' },
    { name: 'hidden', scale: 'signed' },
  ],
};

/**
 * What follows from the signals of a step and the memory before it (the cell state, else the hidden state): the memory's
 * change; what was written to it (LSTM i·g, GRU (1−z)·n); what was kept of it (LSTM f·c′, GRU z·h′); and how much of the
 * slope of a unit's functions is lost, 0 (all even) to 1 (all flat, so that no gradient passes): the mean over its gates
 * and its candidate of 1 − σ′/σ′max.
 */
export type DerivedName = 'change' | 'written' | 'kept' | 'saturation';

/** What a heatmap can show. */
export type HeatName = SignalName | DerivedName;

export interface HeatInfo {
  readonly name: HeatName;
  readonly scale: Scale;
}

/** Those that a kind of cell has. A layer with functions other than the usual may have fewer (`derivedOf`). */
export const DERIVED: Readonly<Record<CellKind, readonly { readonly name: DerivedName; readonly scale: Scale }[]>> = {
  rnn: [
    { name: 'change', scale: 'free' },
    { name: 'saturation', scale: 'gate' },
  ],
  gru: [
    { name: 'change', scale: 'free' },
    { name: 'written', scale: 'signed' },
    { name: 'kept', scale: 'signed' },
    { name: 'saturation', scale: 'gate' },
  ],
  lstm: [
    { name: 'change', scale: 'free' },
    { name: 'written', scale: 'signed' },
    { name: 'kept', scale: 'free' },
    { name: 'saturation', scale: 'gate' },
  ],
};

/** What a layer remembers by. */
export const memoryOf = (cell: CellKind): SignalName => (cell === 'lstm' ? 'cell' : 'hidden');

/** The letters of the equations. */
export const SYMBOL: Readonly<Record<SignalName, string>> = {
  input: 'i',
  forget: 'f',
  reset: 'r',
  update: 'z',
  candidate: 'g',
  output: 'o',
  cell: 'c',
  hidden: 'h',
};
