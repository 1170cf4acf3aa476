/** Takes along what is seen: values to the clipboard, the picture to a file. Says what came of it. */
import { copiedText, copyRequest, type CopyFormat, type CopyUnits } from './copying';
import { toPng, toSvg, type Picture, type PictureFormat } from './export/picture';
import type { Ground } from './ground';
import { visibleTokens } from './layout/axis';
import { formatCount } from './layout/numbers';
import { t } from './l10n';
import { selectionOf } from './selection';
import { doneOf, traceOf } from './state';

/** Copying much takes a moment; less needs no word. */
const PATIENCE = 300;

export class Saving {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  copy(format: CopyFormat, units: CopyUnits = 'shown'): void {
    const state = this.#ground.state();
    const request = copyRequest(state, format, units, (layer) => this.#ground.stage.arrangement(state, layer));
    if (request === undefined) {
      const unmarked = units === 'marked' && state.mark?.unit === undefined;
      this.#ground.say(
        unmarked ? t('Mark a unit first: ↑ ↓ or a click.') : t('There is nothing to copy here: every track is folded.'),
      );
      return;
    }
    const timer = window.setTimeout(() => {
      this.#ground.wait(t('Copying…'));
    }, PATIENCE);
    this.#ground
      .host()
      .copy(request)
      .finally(() => {
        window.clearTimeout(timer);
        this.#ground.wait(undefined);
      })
      .then((values) => {
        this.#ground.say(copiedText(request, values));
      })
      .catch(this.#ground.report);
  }

  /** What `copy` would copy. */
  scope(): string {
    const state = this.#ground.state();
    const selection = selectionOf(state);
    if (selection !== undefined) return t('The selection: {0} tokens', formatCount(selection.count));
    const { from, to } = visibleTokens(state.axis);
    return t('What is in sight: {0} tokens', formatCount(Math.max(0, Math.min(to, doneOf(state)) - from)));
  }

  save(format: PictureFormat): void {
    const picture = this.#picture();
    if (picture === undefined) return;
    this.#send(format, picture).catch(this.#ground.report);
  }

  async #send(format: PictureFormat, picture: Picture): Promise<void> {
    const bytes = format === 'png' ? await toPng(picture) : toSvg(picture);
    const saved = await this.#ground.host().savePicture(`${picture.title}.${format}`, bytes);
    if (saved) this.#ground.say(t('The picture is saved.'));
  }

  #picture(): Picture | undefined {
    const state = this.#ground.state();
    const scene = traceOf(state);
    const { drawn: overlay } = this.#ground.stage;
    if (scene === undefined || overlay === undefined) return undefined;
    const { from, to } = visibleTokens(state.axis);
    const range = t(
      'tokens {0} to {1} of {2}',
      formatCount(from),
      formatCount(Math.max(from, to - 1)),
      formatCount(scene.info.tokens),
    );
    return {
      title: scene.title,
      subtitle: `${scene.info.model.name} · ${range}`,
      overlay,
      heat: this.#ground.stage.heatPixels(),
    };
  }
}
