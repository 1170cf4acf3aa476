/** What people read about each signal: its symbol and its equation. */
import { SYMBOL, type CellKind, type HeatName, type SignalName } from '../../src/shared/signals';
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
    change: t('Δc = c − c′. How much the memory changed at this step.'),
    written: t('i · g. What was written to the memory at this step.'),
    kept: t('f · c′. What was kept of the memory before.'),
    saturation: t(
      'How flat the gates and the candidate were, from 0 (as steep as can be) to 1 (flat: no gradient passes). The mean over them of 1 − slope / steepest slope.',
    ),
  },
  gru: {
    reset: 'r = σ(W x + U h′ + b). How much of the old state the candidate sees, from 0 (nothing) to 1 (all).',
    update: 'z = σ(W x + U h′ + b). How much of the old state is kept, from 0 (replace) to 1 (keep).',
    candidate: 'n = tanh(W x + r · (U h′) + b). What would replace the state, from −1 to 1.',
    hidden: 'h = (1 − z) · n + z · h′. The whole state: what was replaced plus what was kept.',
    change: t('Δh = h − h′. How much the state changed at this step.'),
    written: t('(1 − z) · n. What was written to the state at this step.'),
    kept: t('z · h′. What was kept of the state before.'),
    saturation: t(
      'How flat the gates and the candidate were, from 0 (as steep as can be) to 1 (flat: no gradient passes). The mean over them of 1 − slope / steepest slope.',
    ),
  },
  rnn: {
    hidden: 'h = tanh(W x + U h′ + b). The whole state, rewritten at every step.',
    change: t('Δh = h − h′. How much the state changed at this step.'),
    saturation: t(
      'How flat the function of the state was, from 0 (as steep as can be) to 1 (flat: no gradient passes): 1 − slope / steepest slope.',
    ),
  },
};

type Symbols = Readonly<Partial<Record<HeatName, string>>>;

/** Where a kind of cell has letters of its own: a GRU's candidate is its n. */
const SYMBOLS: Readonly<Record<CellKind, Symbols>> = {
  lstm: { change: 'Δc', written: 'i·g', kept: 'f·c′' },
  gru: { candidate: 'n', change: 'Δh', written: '(1−z)·n', kept: 'z·h′' },
  rnn: { change: 'Δh' },
};

/** The letters of a signal in the equations of a kind of cell; empty for a lane. */
export function symbolOf(signal: TrackSignal, cell: CellKind): string {
  if (signal === 'loss' || signal === 'next') return '';
  return SYMBOLS[cell][signal] ?? (signal in SYMBOL ? SYMBOL[signal as SignalName] : 'sat');
}

/** The cell in short, as shown where there is nothing to read yet. */
export const EQUATIONS: Readonly<Record<CellKind, readonly string[]>> = {
  lstm: ['c = f · c′ + i · g', 'h = o · tanh(c)'],
  gru: ['n = tanh(W x + r · (U h′) + b)', 'h = (1 − z) · n + z · h′'],
  rnn: ['h = tanh(W x + U h′ + b)'],
};

/** A signal as people read it: its name, and its letters. */
export const nameOf = (signal: TrackSignal): string => (signal === 'next' ? t('next token') : signal);

const LANES: Explanations = {
  loss: 'How surprised the model was by each token, in bits: −log₂ of its probability.',
  next: 'What the model thought likeliest to come after each token. The bar says how likely; a struck one did not come.',
};

export const explain = (signal: TrackSignal, cell: CellKind): string =>
  EXPLANATIONS[cell][signal] ?? LANES[signal] ?? '';
