/** The lanes: the loss as bars, and the likeliest next token with how sure it was and whether it came. */
import type { GuessMark } from '../../layout/guesses';
import { formatEnd } from '../../layout/numbers';
import { devicePixel } from '../../layout/quads';
import { typeSize } from '../../layout/ruler';
import { ARROW_ROOM, HEAD, type TrackBox } from '../../layout/tracks';
import type { LossBar } from '../../losses';
import { t } from '../../l10n';
import { columnsOf, endOf, faded, paintUntraced, rulerFont, smallFont, type Context, type OverlayFrame } from './frame';
import { paintArrow, paintHead } from './heads';

export function paintLanes(context: Context, frame: OverlayFrame): void {
  for (const box of frame.stack.lanes) {
    if (box.track.signal === 'loss') paintLoss(context, frame, box);
    else paintNext(context, frame, box);
  }
}

function paintLoss(context: Context, frame: OverlayFrame, box: TrackBox): void {
  const { theme, axis, ratio, lossTop } = frame;
  paintHead(context, frame, box.top, { title: 'loss', symbol: '', layer: '', folded: box.folded });
  if (box.folded) return;
  paintLossScale(context, frame, box);
  paintUntraced(context, frame, box.bodyTop, box.height);
  context.save();
  context.setTransform(1, 0, 0, 1, Math.round(frame.stack.gutter * ratio), 0);
  const bottom = Math.round((box.bodyTop + box.height) * ratio);
  const tall = Math.round(box.height * ratio);
  const limit = Math.round(frame.width * ratio);
  for (const [colour, pick] of [
    [faded(theme.loss, 0.5), (bar: LossBar) => bar.max],
    [theme.loss, (bar: LossBar) => bar.mean],
  ] as const) {
    for (const bar of frame.bars) {
      const x0 = Math.max(0, devicePixel(axis, bar.from, ratio));
      const x1 = Math.min(limit, devicePixel(axis, Math.min(bar.to, axis.tokens), ratio));
      // A gap between wide bars lets single tokens be told apart.
      const gap = x1 - x0 >= 4 ? Math.round(ratio) : 0;
      const size = Math.round(Math.min(1, pick(bar) / lossTop) * tall);
      if (x1 <= x0) continue;
      context.fillStyle = colour;
      context.fillRect(x0, bottom - size, x1 - x0 - gap, size);
      // A token cut off at the top wears a cap; of many there is always one, and a cap would say nothing.
      if (pick(bar) <= lossTop || bar.to - bar.from > 1) continue;
      context.fillStyle = theme.foreground;
      context.fillRect(x0, bottom - size, x1 - x0 - gap, Math.max(2, Math.round(2 * ratio)));
    }
  }
  context.restore();
  context.fillStyle = faded(theme.foreground, 0.22);
  context.fillRect(0, box.bodyTop + box.height, endOf(frame), 1);
}

/** The ends of the loss in the gutter, its unit in the heading. */
function paintLossScale(context: Context, frame: OverlayFrame, box: TrackBox): void {
  const { theme, lossTop } = frame;
  context.font = smallFont(theme);
  context.fillStyle = theme.faint;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.fillText(t('bits per token'), frame.width, box.top + HEAD / 2 + 1);
  context.fillText(formatEnd(lossTop), -6, box.bodyTop + 4);
  context.fillText('0', -6, box.bodyTop + box.height - 3);
  context.fillStyle = faded(theme.foreground, 0.35);
  context.fillRect(-4, box.bodyTop, 3, 1);
  context.fillRect(-4, box.bodyTop + box.height, 3, 1);
}

/** Height of the bar that says how sure the model was, under the character. */
const STRENGTH = 3;

function paintNext(context: Context, frame: OverlayFrame, box: TrackBox): void {
  const { theme, stack } = frame;
  if (box.folded) {
    paintHead(context, frame, box.top, { title: t('next token'), symbol: '', layer: '', folded: true });
    return;
  }
  const middle = box.bodyTop + Math.min(box.height, HEAD) / 2;
  paintArrow(context, theme, -stack.gutter, middle, false);
  context.font = smallFont(theme);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.fillStyle = theme.faint;
  context.fillText(t('next'), ARROW_ROOM - 3 - stack.gutter, middle);
  if (frame.guesses === undefined) {
    context.font = `italic 10px ${theme.uiFont}`;
    context.fillText(t('zoom in to see which token was expected'), 0, middle);
    return;
  }
  context.save();
  context.beginPath();
  context.rect(0, box.bodyTop, endOf(frame), box.height);
  context.clip();
  const labelled = frame.guesses.some(({ label }) => label !== '');
  if (labelled) paintLabels(context, frame, box, frame.guesses);
  else paintChances(context, frame, box, frame.guesses);
  context.restore();
}

/** Narrower columns than this are too narrow to strike a character through: nothing of it would be left. */
const STRUCK_FROM = 9;

/** Characters with their strength beneath; a wrong one in another colour, struck through or under a line. */
function paintLabels(context: Context, frame: OverlayFrame, box: TrackBox, guesses: readonly GuessMark[]): void {
  const { theme } = frame;
  const base = box.bodyTop + box.height - STRENGTH - 8;
  context.font = rulerFont(theme, typeSize(frame.axis));
  context.textAlign = 'center';
  for (const guess of guesses) {
    const { left, width } = columnsOf(frame, { token: guess.token, count: 1 });
    if (left + width < 0 || left > frame.width) continue;
    const wrong = guess.right === false;
    const colour = wrong ? theme.wrong : theme.foreground;
    const [least, most] = wrong ? [0.85, 1] : guess.faint ? [0.25, 0.6] : [0.4, 0.75];
    context.fillStyle = faded(colour, least + (most - least) * guess.probability);
    context.fillText(guess.label, left + width / 2, base);
    const room = Math.max(1, width - (width >= 4 ? 1 : 0));
    context.fillStyle = faded(colour, wrong ? 0.95 : 0.4);
    context.fillRect(left, box.bodyTop + box.height - STRENGTH, Math.max(1, room * guess.probability), STRENGTH - 1);
    if (!wrong) continue;
    const stroke = Math.min(4, width / 2 - 1);
    const line = width < STRUCK_FROM ? box.bodyTop + 1 : Math.round(base);
    context.fillRect(left + width / 2 - stroke, line, 2 * stroke, 1);
  }
}

/** From afar: right ones rise above the middle, wrong ones hang below it, as far as the model was sure. */
function paintChances(context: Context, frame: OverlayFrame, box: TrackBox, guesses: readonly GuessMark[]): void {
  const { theme } = frame;
  const middle = Math.round(box.bodyTop + box.height / 2);
  const room = box.height / 2 - 1;
  context.fillStyle = faded(theme.foreground, 0.25);
  context.fillRect(0, middle, endOf(frame), 1);
  for (const guess of guesses) {
    const { left, width } = columnsOf(frame, { token: guess.token, count: 1 });
    const size = Math.max(1, guess.probability * room);
    const gap = width >= 4 ? 1 : 0;
    if (guess.right === false) {
      context.fillStyle = theme.wrong;
      context.fillRect(left, middle + 1, width - gap, size);
    } else {
      context.fillStyle = faded(theme.foreground, 0.6);
      context.fillRect(left, middle - size, width - gap, size);
    }
  }
}
