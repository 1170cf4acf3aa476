/** What stands in place of a trace: the invitation, the failure with its remedy, and the moment before the host answers. */
import type { Scene, ViewCommand } from '../../src/shared/viewApi';
import { t } from '../l10n';
import { el } from './dom';
import { icon } from './icons';
import { button, progressRing } from './toolkit';

type Run = (command: ViewCommand) => void;

const command = (label: string, appearance: 'primary' | 'secondary', name: ViewCommand, run: Run): HTMLElement =>
  button(label, appearance, () => {
    run(name);
  });

function emptyScene(modelName: string, run: Run): HTMLElement {
  const change = el('button', { class: 'model', type: 'button' }, t('Select model…'));
  change.addEventListener('click', () => {
    run('selectModel');
  });
  return el(
    'section',
    { class: 'scene' },
    emblem(),
    el('h1', {}, t('See what every gate does')),
    el(
      'p',
      {},
      t(
        'Open a text file and trace it: every gate and cell state appears here, character by character. Point at a cell for its exact value, or click it to find the character in the editor.',
      ),
    ),
    el(
      'div',
      { class: 'buttons' },
      command(t('Trace LSTM'), 'primary', 'trace', run),
      command(t('Try a sample'), 'secondary', 'traceSample', run),
    ),
    el('p', { class: 'with' }, el('span', {}, t('Model: {0}', modelName)), change),
  );
}

function failedScene(scene: Extract<Scene, { kind: 'failed' }>, run: Run): HTMLElement {
  return el(
    'section',
    { class: 'scene failed', role: 'alert' },
    icon('warning'),
    el('h1', {}, t('Could not trace {0}', scene.file)),
    el('p', {}, scene.message),
    scene.remedy === undefined ? undefined : el('p', { class: 'remedy' }, scene.remedy),
    el(
      'div',
      { class: 'buttons' },
      command(t('Try again'), 'primary', 'retrace', run),
      command(t('Select model…'), 'secondary', 'selectModel', run),
    ),
    el('div', { class: 'buttons' }, command(t('Try a sample'), 'secondary', 'traceSample', run)),
  );
}

/** A few cells of a heatmap, in the theme's own colours. */
function emblem(): HTMLElement {
  const cells = Array.from({ length: 6 * 14 }, (_, i) => {
    const [row, column] = [Math.floor(i / 14), i % 14];
    const wave = Math.sin(column * (0.35 + row * 0.13) + row * 1.7);
    const cell = el('i');
    cell.style.opacity = String(Math.round((0.08 + 0.92 * Math.max(0, wave) ** 1.5) * 100) / 100);
    return cell;
  });
  return el('div', { class: 'emblem', 'aria-hidden': 'true' }, ...cells);
}

/** What to show instead of tracks; undefined for a trace. */
export function createScene(scene: Scene | undefined, run: Run): HTMLElement | undefined {
  if (scene === undefined) return el('section', { class: 'scene waiting' }, progressRing(t('Loading')));
  if (scene.kind === 'empty') return emptyScene(scene.modelName, run);
  return scene.kind === 'failed' ? failedScene(scene, run) : undefined;
}
