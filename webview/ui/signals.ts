/** What people read about each signal: its symbol and its equation. */
import { SYMBOL, type CellKind, type DerivedName } from '../../src/shared/signals';
import type { TrackSignal } from '../choices';
import { t } from '../l10n';

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

const MEMORY: Readonly<Record<CellKind, string>> = { lstm: 'c', gru: 'h', rnn: 'h' };

/** What derived signals are made of. */
const DERIVED_SYMBOL: Readonly<Record<CellKind, Readonly<Partial<Record<DerivedName, string>>>>> = {
  lstm: { change: 'Δc', written: 'i·g', kept: 'f·c′' },
  gru: { change: 'Δh', written: '(1−z)·n', kept: 'z·h′' },
  rnn: { change: 'Δh' },
};

function explainDerived(signal: TrackSignal, cell: CellKind): string | undefined {
  const memory = MEMORY[cell];
  if (signal === 'change') return t('{0} − {0}′. How far the memory moved at this token.', memory);
  const symbol = signal === 'written' || signal === 'kept' ? (DERIVED_SYMBOL[cell][signal] ?? '') : '';
  if (signal === 'written') return t('{0}. What was newly written to the memory.', symbol);
  if (signal === 'kept') return t('{0}. What was kept of the memory before.', symbol);
  if (signal === 'saturation')
    return t('How flat the functions are here: at 1 no gradient passes, nothing can be learnt.');
  return undefined;
}

/** A signal's letters in the equations; empty where it has none. */
export function symbolOf(signal: TrackSignal, cell: CellKind): string {
  const stored: Readonly<Record<string, string>> = SYMBOL;
  const derived: Readonly<Record<string, string>> = DERIVED_SYMBOL[cell];
  return stored[signal] ?? derived[signal] ?? '';
}

/** A signal as people read it: its name, and its letters. */
export const nameOf = (signal: TrackSignal): string => (signal === 'next' ? t('next token') : signal);

const LANES: Explanations = {
  loss: 'How surprised the model was by each token, in bits: −log₂ of its probability.',
  next: 'What the model thought likeliest to come after each token. The bar says how likely; a struck one did not come.',
};

export const explain = (signal: TrackSignal, cell: CellKind): string =>
  EXPLANATIONS[cell][signal] ?? LANES[signal] ?? explainDerived(signal, cell) ?? '';
