/** What people read about each signal: its symbol and its equation. */
import type { CellKind, Scale, SignalName } from '../../src/shared/signals';

export const SYMBOL: Readonly<Record<SignalName, string>> = {
  input: 'i',
  forget: 'f',
  candidate: 'g',
  output: 'o',
  cell: 'c',
  hidden: 'h',
};

const LSTM: Readonly<Record<SignalName, string>> = {
  input: 'i = σ(W x + U h′ + b). How much of the candidate is written to the cell, from 0 (nothing) to 1 (all).',
  forget: 'f = σ(W x + U h′ + b). How much of the old cell state is kept, from 0 (forget) to 1 (keep).',
  candidate: 'g = tanh(W x + U h′ + b). What would be written to the cell, from −1 to 1.',
  output: 'o = σ(W x + U h′ + b). How much of the cell is shown, from 0 (hidden) to 1 (shown).',
  cell: 'c = f · c′ + i · g. The memory itself: what was kept plus what was written.',
  hidden: 'h = o · tanh(c). What the cell shows to the next step and to the next layer.',
};
const RNN_HIDDEN = 'h = tanh(W x + U h′ + b). The whole state, rewritten at every step.';

export const explain = (signal: SignalName, cell: CellKind): string =>
  cell === 'rnn' && signal === 'hidden' ? RNN_HIDDEN : LSTM[signal];

/** Ends of a signal's scale; a free one takes what was seen. */
export function endsOf(scale: Scale, seen: number): { readonly from: number; readonly to: number } {
  if (scale === 'gate') return { from: 0, to: 1 };
  if (scale === 'signed') return { from: -1, to: 1 };
  return { from: -seen, to: seen };
}
