/** The top of a trace: which text and model, how much and how well predicted; progress, and strips that warn. */
import { counted } from '../../src/shared/l10n';
import { faultText, shareOf, type ModelInfo } from '../../src/shared/trace';
import type { ViewCommand } from '../../src/shared/viewApi';
import { formatBits, formatCount } from '../layout/numbers';
import type { TraceScene } from '../state';
import { shown, t } from '../l10n';
import { el, setAttribute, setText, show } from './dom';
import { icon } from './icons';
import { button, iconButton } from './toolkit';

export interface Titlebar {
  readonly element: HTMLElement;
  /** Progress and strips, below the toolbar. */
  readonly strips: HTMLElement;
  readonly update: (scene: TraceScene, error: string | undefined) => void;
}

const bitsText = (bits: string, { tokenizer, input }: ModelInfo): string =>
  tokenizer === 'bytes'
    ? t('{0} bits/byte', bits)
    : input?.kind === 'numbers'
      ? t('{0} bits/row', bits)
      : t('{0} bits/token', bits);

export function createTitlebar(run: (command: ViewCommand) => void, dismiss: () => void): Titlebar {
  const file = el('span', { class: 'file', role: 'heading', 'aria-level': '1' });
  const model = el('button', { class: 'model about', type: 'button', title: t('Select another model') });
  model.addEventListener('click', () => {
    run('selectModel');
  });
  const facts = el('span', { class: 'facts about' });
  const element = el('header', { class: 'titlebar' }, file, facts, model);

  const bar = el(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': t('Tracing'), 'aria-valuemin': '0', 'aria-valuemax': '100' },
    el('div', { class: 'fill' }),
  );
  const share = el('span', { class: 'share' });
  const stop = iconButton('stop', t('Stop tracing'), () => {
    run('stop');
  });
  const progress = el('div', { class: 'progress' }, bar, share, stop);
  const staleText = el('span', { class: 'message' });
  const stale = el('div', { class: 'strip', role: 'status' }, icon('warning'), staleText);
  stale.append(
    button(t('Trace again'), 'secondary', () => {
      run('retrace');
    }),
  );
  const noteText = el('span', { class: 'message' });
  const note = el('div', { class: 'strip note', role: 'status' }, icon('warning'), noteText);
  const errorText = el('span', { class: 'message' });
  const error = el('div', { class: 'strip error', role: 'alert' }, icon('warning'), errorText);
  error.append(iconButton('close', t('Dismiss'), dismiss));
  let dismissedNotes = '';
  note.append(
    iconButton('close', t('Dismiss'), () => {
      dismissedNotes = noteText.textContent;
      show(note, false);
    }),
  );
  const strips = el('div', { class: 'strips' }, progress, stale, note, error);

  return {
    element,
    strips,
    update: (scene, failure) => {
      const { info, progress: state } = scene;
      setText(file, scene.title);
      setAttribute(file, 'title', scene.title);
      setText(model, info.model.name);
      const loss =
        state.meanLoss === undefined || !Number.isFinite(state.meanLoss)
          ? undefined
          : bitsText(formatBits(state.meanLoss), info.model);
      const stopped = state.state === 'stopped' ? t('stopped at {0}', formatCount(state.done)) : undefined;
      const tokens =
        info.model.input?.kind === 'numbers'
          ? counted(t, info.tokens, '{0} row', '{0} rows')
          : counted(t, info.tokens, '{0} token', '{0} tokens');
      setText(facts, [tokens, loss, stopped].filter((part) => part !== undefined).join(' · '));
      const running = state.state === 'running';
      show(progress, running);
      if (running) {
        const percent = Math.floor(100 * shareOf(state, info));
        bar.style.setProperty('--done', `${String(percent)}%`);
        setText(share, `${String(percent)}%`);
        setAttribute(bar, 'aria-valuenow', String(percent));
      }
      show(stale, scene.stale !== undefined);
      setText(staleText, scene.stale ?? '');
      const faults = state.fault ? [faultText(state.fault)] : [];
      const notes = [...faults, ...info.notes, ...info.model.warnings].map(shown).join(' ');
      show(note, notes !== '' && notes !== dismissedNotes);
      setText(noteText, notes);
      setAttribute(noteText, 'title', notes);
      show(error, failure !== undefined);
      setText(errorText, failure ?? '');
    },
  };
}
