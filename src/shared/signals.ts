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
