/** The top of a trace: which text and model, how much and how well predicted; progress, and strips that warn. */
import { faultText, shareOf } from '../../src/shared/trace';
import type { ViewCommand } from '../../src/shared/viewApi';
import { formatBits, formatCount } from '../layout/numbers';
import type { TraceScene } from '../state';
import { el, setAttribute, setText, show } from './dom';
import { icon } from './icons';
import { button, iconButton } from './toolkit';

export interface Titlebar {
  readonly element: HTMLElement;
  /** Progress and strips, below the toolbar. */
  readonly strips: HTMLElement;
  readonly update: (scene: TraceScene, error: string | undefined) => void;
}

export function createTitlebar(run: (command: ViewCommand) => void, dismiss: () => void): Titlebar {
  const file = el('span', { class: 'file', role: 'heading', 'aria-level': '1' });
  const model = el('button', { class: 'model about', type: 'button', title: 'Select another model' });
  model.addEventListener('click', () => {
    run('selectModel');
  });
  const facts = el('span', { class: 'facts about' });
  const element = el('header', { class: 'titlebar' }, file, facts, model);

  const bar = el(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': 'Tracing', 'aria-valuemin': '0', 'aria-valuemax': '100' },
    el('div', { class: 'fill' }),
  );
  const share = el('span', { class: 'share' });
  const stop = iconButton('stop', 'Stop tracing', () => {
    run('stop');
  });
  const progress = el('div', { class: 'progress' }, bar, share, stop);
  const staleText = el('span', { class: 'message' });
  const stale = el('div', { class: 'strip', role: 'status' }, icon('warning'), staleText);
  stale.append(
    button('Trace again', 'secondary', () => {
      run('retrace');
    }),
  );
  const noteText = el('span', { class: 'message' });
  const note = el('div', { class: 'strip note', role: 'status' }, icon('warning'), noteText);
  const errorText = el('span', { class: 'message' });
  const error = el('div', { class: 'strip error', role: 'alert' }, icon('warning'), errorText);
  error.append(iconButton('close', 'Dismiss', dismiss));
  let dismissedNotes = '';
  note.append(
    iconButton('close', 'Dismiss', () => {
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
          : `${formatBits(state.meanLoss)} bits/${info.model.tokenizer === 'bytes' ? 'byte' : 'token'}`;
      const stopped = state.state === 'stopped' ? `stopped at ${formatCount(state.done)}` : undefined;
      const step = info.model.input?.kind === 'numbers' ? 'row' : 'token';
      const tokens = `${formatCount(info.tokens)} ${step}${info.tokens === 1 ? '' : 's'}`;
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
      const notes = [...faults, ...info.notes, ...info.model.warnings].join(' ');
      show(note, notes !== '' && notes !== dismissedNotes);
      setText(noteText, notes);
      setAttribute(noteText, 'title', notes);
      show(error, failure !== undefined);
      setText(errorText, failure ?? '');
    },
  };
}
