/** What people read about each signal: its symbol and its equation. */
import type { CellKind } from '../../src/shared/signals';
import type { TrackSignal } from '../choices';

type Explanations = Readonly<Partial<Record<TrackSignal, string>>>;

const EXPLANATIONS: Readonly<Record<CellKind, Explanations>> = {
  lstm: {
    input: 'i = σ(W x + U h′ + b). How much of the candidate is written to the cell, from 0 (nothing) to 1 (all).',
    forget: 'f = σ(W x + U h′ + b). How much of the old cell state is kept, from 0 (forget) to 1 (keep).',
    candidate: 'g = tanh(W x + U h′ + b). What would be written to the cell, from −1 to 1.',
    output: 'o = σ(W x + U h′ + b). How much of the cell is shown, from 0 (hidden) to 1 (shown).',
    cell: 'c = f · c′ + i · g. The memory itself: what was kept plus what was written.',
    hidden: 'h = o · tanh(c). What the cell shows to the next step and to the next layer.',
  },
  gru: {
    reset: 'r = σ(W x + U h′ + b). How much of the old state the candidate sees, from 0 (nothing) to 1 (all).',
    update: 'z = σ(W x + U h′ + b). How much of the old state is kept, from 0 (replace) to 1 (keep).',
    candidate: 'n = tanh(W x + r · (U h′) + b). What would replace the state, from −1 to 1.',
    hidden: 'h = (1 − z) · n + z · h′. The whole state: what was replaced plus what was kept.',
  },
  rnn: { hidden: 'h = tanh(W x + U h′ + b). The whole state, rewritten at every step.' },
};

/** The cell in short, as shown where there is nothing to read yet. */
export const EQUATIONS: Readonly<Record<CellKind, readonly string[]>> = {
  lstm: ['c = f · c′ + i · g', 'h = o · tanh(c)'],
  gru: ['n = tanh(W x + r · (U h′) + b)', 'h = (1 − z) · n + z · h′'],
  rnn: ['h = tanh(W x + U h′ + b)'],
};

const LANES: Explanations = {
  loss: 'How surprised the model was by each token, in bits: −log₂ of its probability.',
  next: 'What the model thought likeliest to come next.',
};

export const explain = (signal: TrackSignal, cell: CellKind): string =>
  EXPLANATIONS[cell][signal] ?? LANES[signal] ?? '';
