/** The page of one model: title and actions, what is odd, a drawing of the whole, facts, and each layer's matrices. */
import type { MatrixStatistics, LayerDescription, ModelDescription } from '../../src/shared/modelInfo';
import { CELLS, layerLine, modelFacts, stagesOf, summary, type Stage } from '../../src/shared/modelText';
import type { ModelAction, ModelScene, ModelViewApi } from '../../src/shared/modelViewApi';
import { readTheme, type Theme } from '../draw/theme';
import { el, show } from '../ui/dom';
import { icon } from '../ui/icons';
import { button, progressRing } from '../ui/toolkit';
import { shown, shownError, t } from '../l10n';
import { MatrixFigure } from './figure';

export interface ModelPort {
  matrix(name: string): Promise<MatrixStatistics>;
  run(action: ModelAction): Promise<void>;
}

/** Matrices this near below the window are read, in pixels. */
const AHEAD = 400;

export class ModelPage {
  readonly #root: HTMLElement;
  readonly #port: ModelPort;
  readonly #figures = new Map<string, MatrixFigure>();
  #theme: Theme;
  /** The description that is drawn. */
  #drawn: string | undefined;
  #watch: IntersectionObserver | undefined;
  #used: { readonly use: HTMLElement; readonly inUse: HTMLElement } | undefined;

  constructor(root: HTMLElement, port: ModelPort) {
    this.#root = root;
    this.#port = port;
    this.#theme = readTheme(document.body);
    root.replaceChildren(el('section', { class: 'scene waiting' }, progressRing(t('Reading the model'))));
    const themed = new MutationObserver(() => {
      this.#theme = readTheme(document.body);
      for (const figure of this.#figures.values()) figure.setTheme(this.#theme);
    });
    const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] };
    themed.observe(document.body, options);
    themed.observe(document.documentElement, options);
  }

  /** What the host may call. */
  readonly api: ModelViewApi = {
    show: (scene) => {
      this.#show(scene);
    },
    focus: (matrix) => {
      this.#focus(matrix);
    },
  };

  readonly #run = (action: ModelAction): void => {
    // The host shows its own errors.
    this.#port.run(action).catch(() => undefined);
  };

  #show(scene: ModelScene): void {
    if (scene.kind === 'failed') {
      this.#drawn = undefined;
      this.#figures.clear();
      this.#watch?.disconnect();
      this.#root.replaceChildren(this.#failed(scene));
      return;
    }
    const key = JSON.stringify(scene.model);
    if (key !== this.#drawn) {
      this.#drawn = key;
      this.#draw(scene.model);
    }
    if (this.#used !== undefined) {
      show(this.#used.use, !scene.inUse);
      show(this.#used.inUse, scene.inUse);
    }
    if (scene.focus !== undefined) this.#focus(scene.focus);
  }

  #failed({ file, message, untrusted }: Extract<ModelScene, { kind: 'failed' }>): HTMLElement {
    const press = (label: string, action: ModelAction, appearance: 'primary' | 'secondary'): HTMLElement =>
      button(label, appearance, () => {
        this.#run(action);
      });
    return el(
      'section',
      { class: 'scene failed', role: 'alert' },
      icon('warning'),
      el('h1', {}, untrusted ? t('This workspace is not trusted') : t('{0} cannot be read as a model', file)),
      el('p', {}, message),
      el(
        'div',
        { class: 'buttons' },
        untrusted ? press(t('Manage trust'), 'trust', 'primary') : press(t('Try again'), 'again', 'primary'),
        press(t('Reveal in Explorer'), 'reveal', 'secondary'),
      ),
    );
  }

  #draw(model: ModelDescription): void {
    this.#figures.clear();
    this.#watch?.disconnect();
    this.#watch = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (isIntersecting) this.#load(target.getAttribute('data-matrix') ?? '');
        }
      },
      { rootMargin: `${String(AHEAD)}px` },
    );
    const main = el(
      'main',
      { class: 'model-page' },
      this.#header(model),
      ...this.#strips(model),
      this.#drawing(model),
      factList(model),
      ...model.layers.map((layer) => this.#layer(layer)),
      metadata(model),
    );
    this.#root.replaceChildren(main);
    for (const { element } of this.#figures.values()) this.#watch.observe(element);
    document.title = model.name;
  }

  #header(model: ModelDescription): HTMLElement {
    const press = (
      label: string,
      action: ModelAction,
      appearance: 'primary' | 'secondary' = 'secondary',
    ): HTMLElement =>
      button(label, appearance, () => {
        this.#run(action);
      });
    const use = press(t('Use this model'), 'use', 'primary');
    const inUse = el('span', { class: 'in-use' }, icon('check'), t('In use'));
    this.#used = { use, inUse };
    return el(
      'header',
      {},
      el('h1', {}, model.name),
      el('p', { class: 'summary' }, summary(model, t)),
      el('p', { class: 'path' }, model.file),
      model.description === undefined ? undefined : el('p', { class: 'description' }, model.description),
      el(
        'div',
        { class: 'actions' },
        use,
        inUse,
        press(t('Verify against reference…'), 'verify'),
        press(t('Copy export snippet'), 'snippet'),
        press(t('Reveal in Explorer'), 'reveal'),
      ),
    );
  }

  #strips({ needs, notRun, warnings }: ModelDescription): readonly HTMLElement[] {
    const strip = (kind: string, text: string): HTMLElement =>
      el('div', { class: `strip ${kind}`, role: 'status' }, icon('warning'), el('span', { class: 'message' }, text));
    const strips: HTMLElement[] = [];
    if (needs === 'tokenizer') {
      const ask = strip(
        '',
        t('The file does not say how a text becomes tokens. Choose it once; the answer is kept beside the model.'),
      );
      ask.append(
        button(t('Choose tokenizer…'), 'primary', () => {
          this.#run('tokenizer');
        }),
      );
      strips.push(ask);
    }
    if (notRun.length > 0) {
      const left = notRun.map(shown).join(', ');
      strips.push(strip('note', t('Traced up to here; what follows cannot be run: {0}.', left)));
    }
    return [...strips, ...warnings.map((warning) => strip('', shown(warning)))];
  }

  #drawing(model: ModelDescription): HTMLElement {
    const list = el('ol', { class: 'flow', 'aria-label': t('What the model does, step by step') });
    for (const stage of stagesOf(model, t)) list.append(this.#stage(stage));
    return list;
  }

  #stage({ kind, title, lines, name, directions }: Stage): HTMLElement {
    const arrow = directions === undefined ? '' : { forward: '→', reverse: '←', both: '⇄' }[directions];
    const way =
      directions === undefined
        ? ''
        : { forward: t('reads forwards'), reverse: t('reads backwards'), both: t('reads in both directions') }[
            directions
          ];
    const content = [
      el(
        'span',
        { class: 'stage-title' },
        name === undefined ? undefined : el('span', { class: 'stage-name' }, name.replace('_reverse', '')),
        title,
        arrow === '' ? undefined : el('span', { class: 'way', title: way, role: 'img', 'aria-label': way }, arrow),
      ),
      ...lines.map((line) => el('span', { class: 'stage-line' }, line)),
    ];
    if (name === undefined) return el('li', { class: `box ${kind}` }, ...content);
    const link = el('button', { class: 'box layer', type: 'button' }, ...content);
    link.addEventListener('click', () => {
      const section = document.getElementById(`layer-${name}`);
      const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
      section?.scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'start' });
      section?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    });
    return el('li', {}, link);
  }

  #layer(layer: LayerDescription): HTMLElement {
    const figures = layer.matrices.map((info) => {
      const figure = new MatrixFigure(info, this.#theme);
      this.#figures.set(info.name, figure);
      return figure.element;
    });
    return el(
      'section',
      { class: 'layer-section', id: `layer-${layer.name}`, 'aria-labelledby': `title-${layer.name}` },
      el(
        'h2',
        { id: `title-${layer.name}`, tabindex: '-1' },
        el('span', { class: 'stage-name' }, layer.name),
        CELLS[layer.cell],
      ),
      el('p', { class: 'layer-line' }, layerLine(layer, t)),
      el('div', { class: 'matrices' }, ...figures),
    );
  }

  #loading = new Set<MatrixFigure>();

  #load(name: string): void {
    const figure = this.#figures.get(name);
    if (figure === undefined || this.#loading.has(figure)) return;
    this.#loading.add(figure);
    this.#watch?.unobserve(figure.element);
    this.#port.matrix(name).then(
      (matrix) => {
        figure.show(matrix);
      },
      (error: unknown) => {
        figure.fail(shownError(error), () => {
          this.#loading.delete(figure);
          figure.wait();
          this.#load(name);
        });
      },
    );
  }

  #focus(name: string): void {
    const figure = this.#figures.get(name);
    if (figure === undefined) return;
    this.#load(name);
    figure.element.scrollIntoView({ block: 'center' });
    figure.element.classList.add('found');
    window.setTimeout(() => {
      figure.element.classList.remove('found');
    }, 1600);
  }
}

function factList(model: ModelDescription): HTMLElement {
  const list = el('dl', { class: 'facts-list' });
  for (const { term, text, hint } of modelFacts(model, t)) {
    list.append(el('div', hint === undefined ? {} : { title: hint }, el('dt', {}, term), el('dd', {}, text)));
  }
  return list;
}

/** The file's own notes. */
function metadata({ metadata: notes }: ModelDescription): HTMLElement | undefined {
  const entries = Object.entries(notes);
  if (entries.length === 0) return undefined;
  const list = el('dl', { class: 'facts-list' });
  for (const [key, value] of entries) list.append(el('div', {}, el('dt', {}, key), el('dd', {}, value)));
  return el('details', { class: 'metadata' }, el('summary', {}, t('What the file says of itself')), list);
}
