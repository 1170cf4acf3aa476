/** The status bar: which model traces, how far it is, and how well it predicted. Picks another model. */
import * as vscode from 'vscode';
import type { Remote } from '../shared/rpc';
import { faultText, shareOf, type ModelInfo, type TraceId } from '../shared/trace';
import type { KernelsInUse, WorkerApi } from '../shared/workerApi';
import type { FirstPicture } from './firstPicture';
import { shown, t } from './l10n';
import { shapeOf } from './modelList';
import type { Models } from './models';
import type { Traces } from './traces';

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('gatescope.model', vscode.StatusBarAlignment.Right, 90);
  readonly #subscriptions: readonly vscode.Disposable[];
  /** What computes the trace that was asked about last. */
  #kernels: { readonly id: TraceId; readonly text: string | undefined } | undefined;

  constructor(
    private readonly models: Models,
    private readonly traces: Traces,
    private readonly worker: Pick<Remote<WorkerApi>, 'about'>,
    first: Pick<FirstPicture, 'afterwards'>,
  ) {
    this.#item.name = t('Gatescope Model');
    this.#item.command = 'gatescope.selectModel';
    const update = (): void => {
      first.afterwards(() => {
        this.#update();
      });
    };
    this.#subscriptions = [models.onDidChange(update), traces.onDidChange(update), traces.onDidProgress(update)];
    this.#update();
    this.#item.show();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#item.dispose();
  }

  /** Asks once for each trace; undefined until the answer has come. */
  #kernelsOf(id: TraceId): string | undefined {
    if (this.#kernels?.id === id) return this.#kernels.text;
    this.#kernels = { id, text: undefined };
    this.worker.about(id).then(
      (kernels) => {
        if (this.#kernels?.id !== id) return;
        this.#kernels = { id, text: kernelsText(kernels) };
        this.#update();
      },
      // The trace, or its model, was let go meanwhile.
      () => undefined,
    );
    return undefined;
  }

  #update(): void {
    const { scene } = this.traces;
    const { current, label } = this.models;
    const state = scene.kind === 'trace' ? scene : undefined;
    const running = state?.progress.state === 'running';
    const loss = state?.progress.meanLoss;
    const score =
      // What overflowed has no mean worth telling: the warning says where it began.
      state === undefined || running || loss === undefined || !Number.isFinite(loss)
        ? undefined
        : bitsText((loss / Math.LN2).toFixed(2), unitOf(state.info.model));
    const part = state === undefined ? undefined : portion(shareOf(state.progress, state.info), 1);
    const [icon, more]: [string, string | undefined] = running
      ? ['$(loading~spin)', part]
      : state?.progress.fault !== undefined
        ? ['$(warning)', score]
        : state?.stale !== undefined
          ? ['$(history)', score]
          : ['$(pulse)', score];
    // `$(` in a model's name would be read as an icon.
    const name = (state?.info.model.name ?? label).replaceAll('$(', '$\u200B(');
    this.#item.text = `${icon} ${[name, more].filter((text) => text !== undefined).join(' · ')}`;
    const model = state?.info.model ?? current;
    const lines = [
      model === undefined ? `Gatescope: ${name}` : `Gatescope: ${name} (${shapeOf(model, t)})`,
      model?.file,
      state === undefined
        ? undefined
        : tracedText(state.title, part ?? '', count(state.info.tokens), unitOf(state.info.model)),
      state && this.#kernelsOf(state.info.id),
      state?.stale,
      state?.progress.fault && shown(faultText(state.progress.fault)),
      t('Select another model…'),
    ];
    this.#item.tooltip = lines.filter((line) => line !== undefined && line !== '').join('\n');
    this.#item.accessibilityInformation = {
      label: [t('Gatescope model {0}', name), more].filter((text) => text !== undefined).join(', '),
    };
  }
}

/** E.g. "Kernels with 256-bit vectors, 2 threads". */
export function kernelsText({ vectors, threads }: KernelsInUse): string {
  if (vectors === undefined) return t('Computed in float64, without kernels');
  return threads === 2
    ? t('Kernels with {0}-bit vectors, 2 threads', vectors)
    : t('Kernels with {0}-bit vectors, 1 thread', vectors);
}

type Step = 'byte' | 'row' | 'token';

const bitsText = (bits: string, step: Step): string =>
  ({ byte: t('{0} bits/byte', bits), row: t('{0} bits/row', bits), token: t('{0} bits/token', bits) })[step];

/** How much of a text is traced. */
const tracedText = (title: string, part: string, all: string, step: Step): string =>
  ({
    byte: t('{0}: {1} of {2} bytes traced', title, part, all),
    row: t('{0}: {1} of {2} rows traced', title, part, all),
    token: t('{0}: {1} of {2} tokens traced', title, part, all),
  })[step];

/** What a model reads at a step. */
const unitOf = ({ tokenizer, input }: ModelInfo): Step =>
  tokenizer === 'bytes' ? 'byte' : input?.kind === 'numbers' ? 'row' : 'token';

const count = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u2009');

/** Rounded down: 100 % is said only of all. */
export const portion = (done: number, all: number): string =>
  `${String(all === 0 ? 100 : Math.floor((done / all) * 100))} %`;
