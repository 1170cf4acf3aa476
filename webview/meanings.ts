/** What keys and the commands of VS Code mean: which verb of which part each one calls. */
import type { JumpBy } from '../src/shared/trace';
import type { ViewAction } from '../src/shared/viewApi';
import type { Actions } from './actions';
import type { Ground } from './ground';
import type { Jumps, JumpTo } from './jumps';
import { t } from './l10n';
import type { Saving } from './saving';
import { traceOf } from './state';
import { currentTrack, type TrackActions } from './trackActions';
import type { KeyActions, Opened } from './ui/keyboard';

export interface Meanings {
  readonly ground: Ground;
  readonly actions: Actions;
  readonly tracks: TrackActions;
  readonly saving: Saving;
  readonly jumps: Jumps;
  /** Takes away what floats over the picture. @returns whether there was something */
  readonly dismiss: () => boolean;
  /** Opens a control of the page. @returns whether there is one */
  readonly open: (what: Opened) => boolean;
  /** Has what is marked now read aloud, soon. */
  readonly read: () => void;
}

/** From the mark, else the editor's place, else what is in sight. */
function jump({ ground, jumps }: Meanings, by: JumpBy, to: JumpTo): void {
  const state = ground.state();
  const trace = traceOf(state)?.info.id;
  if (trace === undefined) return;
  const { mark, followed, axis } = state;
  const from = mark?.token ?? followed?.token ?? Math.max(0, Math.ceil(axis.start) - 1);
  const track = currentTrack(state, ground.stage.stack)?.track;
  jumps.to({ trace, from, to, by, layer: mark?.layer ?? track?.layer ?? state.layer });
}

export function keyActions(parts: Meanings): KeyActions {
  const { ground, actions, tracks, saving, jumps, read } = parts;
  return {
    move: (tokens, units) => {
      actions.move(tokens, units);
      read();
    },
    extend: (by) => {
      actions.extend(by);
      read();
    },
    page: (screens) => {
      actions.page(screens);
    },
    zoom: actions.zoomMiddle,
    fit: actions.fit,
    zoomToSelection: () => {
      if (!actions.zoomToSelection()) ground.say(t('Select tokens first: Shift+← →, or drag on the text.'));
    },
    go: () => {
      actions.go();
    },
    escape: () => {
      if (!parts.dismiss() && !jumps.cancel()) actions.clear();
    },
    step: (by) => tracks.step(by),
    fold: () => {
      tracks.fold();
    },
    moveTrack: (by) => {
      tracks.move(by);
    },
    grow: (by) => {
      tracks.grow(by);
    },
    pin: () => {
      tracks.pin();
    },
    jump: (by, to) => {
      jump(parts, by, to);
    },
    inspect: () => {
      tracks.inspect();
    },
    copy: () => {
      saving.copy('tsv');
    },
    savePicture: (format) => {
      saving.save(format);
    },
    open: (what) => {
      if (!parts.open(what)) ground.say(t('There is nothing to open for this here.'));
    },
  };
}

/** Does what a command of VS Code asks of this view. */
export function act(parts: Meanings, action: ViewAction): void {
  const { saving } = parts;
  switch (action) {
    case 'focus':
      parts.ground.stage.surface.focus({ preventScroll: true });
      break;
    case 'copyTsv':
      saving.copy('tsv');
      break;
    case 'copyNumpy':
      saving.copy('numpy');
      break;
    case 'copyJson':
      saving.copy('json');
      break;
    case 'savePng':
      saving.save('png');
      break;
    case 'saveSvg':
      saving.save('svg');
      break;
    case 'nextLossSpike':
      jump(parts, 'loss', 'next');
      break;
    case 'previousLossSpike':
      jump(parts, 'loss', 'previous');
      break;
    case 'largestLoss':
      jump(parts, 'loss', 'largest');
      break;
    case 'largestChange':
      jump(parts, 'change', 'largest');
      break;
  }
}
