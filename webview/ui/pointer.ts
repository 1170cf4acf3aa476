/** Mouse, trackpad and touch on the stage: hover, click, drag, wheel. Says what was meant; changes nothing itself. */
import type { Hit, Zone } from '../layout/hit';
import type { TrackId } from '../choices';

export interface PointerActions {
  readonly hit: (x: number, y: number) => Hit;
  /** Where the plot begins: `zoom` and `jump` are told pixels from there. */
  readonly plot: () => number;
  readonly hover: (hit: Hit | undefined) => void;
  /** A click on a token. */
  readonly pick: (hit: Hit) => void;
  /** A double click on a token. */
  readonly go: (hit: Hit) => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly zoom: (x: number, factor: number) => void;
  readonly scroll: (dy: number) => void;
  /** The window centred at a pixel of the overview. */
  readonly jump: (x: number) => void;
  readonly resizeTrack: (track: TrackId, dy: number) => void;
  readonly resetTrack: (track: TrackId) => void;
}

type Drag =
  | { readonly kind: 'pan'; moved: boolean }
  | { readonly kind: 'overview' }
  | { readonly kind: 'edge'; readonly track: TrackId };

/** Where a click means the token above or below it. */
const PICKED: ReadonlySet<Zone> = new Set(['ruler', 'head', 'body']);
/** Pixels that a press may move and still be a click. */
const SLACK = 4;
/** A wheel's notch is 100–120 pixels; this many double the scale. */
const WHEEL_DOUBLES = 360;
/** Pinching comes as small steps of a wheel with Ctrl. */
const PINCH_DOUBLES = 70;
const LINE = 16;

/** Returns what lies under the pointer now, if it is there: what is drawn may have moved under a pointer at rest. */
export function listenToPointer(target: HTMLElement, actions: PointerActions): () => Hit | undefined {
  let drag: Drag | undefined;
  let from = { x: 0, y: 0 };
  let last = { x: 0, y: 0 };
  let rest: { x: number; y: number } | undefined;

  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = target.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const cursorFor = (hit: Hit): string => {
    if (hit.zone === 'edge') return 'ns-resize';
    if (hit.zone === 'overview') return 'pointer';
    return PICKED.has(hit.zone) ? 'crosshair' : 'default';
  };

  target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const at = place(event);
    const hit = actions.hit(at.x, at.y);
    from = last = at;
    target.setPointerCapture(event.pointerId);
    if (hit.zone === 'edge' && hit.track !== undefined) drag = { kind: 'edge', track: hit.track };
    else if (hit.zone === 'overview') {
      drag = { kind: 'overview' };
      actions.jump(at.x - actions.plot());
    } else drag = { kind: 'pan', moved: false };
  });

  target.addEventListener('pointermove', (event) => {
    const at = place(event);
    rest = at;
    if (drag === undefined) {
      const hit = actions.hit(at.x, at.y);
      target.style.cursor = cursorFor(hit);
      actions.hover(hit);
      return;
    }
    const [dx, dy] = [at.x - last.x, at.y - last.y];
    if (drag.kind === 'overview') actions.jump(at.x - actions.plot());
    else if (drag.kind === 'edge') actions.resizeTrack(drag.track, dy);
    else {
      if (!drag.moved && Math.hypot(at.x - from.x, at.y - from.y) < SLACK) return;
      drag.moved = true;
      target.style.cursor = 'grabbing';
      actions.hover(undefined);
      actions.pan(-dx, -dy);
    }
    last = at;
  });

  const finish = (event: PointerEvent): void => {
    const ended = drag;
    drag = undefined;
    const at = place(event);
    const hit = actions.hit(at.x, at.y);
    target.style.cursor = cursorFor(hit);
    if (event.type === 'pointerup' && ended?.kind === 'pan' && !ended.moved && hit.token !== undefined) {
      if (PICKED.has(hit.zone)) actions.pick(hit);
    }
  };
  target.addEventListener('pointerup', finish);
  target.addEventListener('pointercancel', finish);
  target.addEventListener('pointerleave', () => {
    rest = undefined;
    if (drag === undefined) actions.hover(undefined);
  });
  target.addEventListener('dblclick', (event) => {
    const at = place(event);
    const hit = actions.hit(at.x, at.y);
    if (hit.zone === 'edge' && hit.track !== undefined) actions.resetTrack(hit.track);
    else if (hit.token !== undefined && PICKED.has(hit.zone)) actions.go(hit);
  });

  target.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
      const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
      const at = place(event);
      if (event.ctrlKey || event.metaKey) actions.zoom(at.x - actions.plot(), 2 ** (-dy / PINCH_DOUBLES));
      else if (event.altKey) actions.scroll(dy);
      else if (event.shiftKey) actions.pan(dx === 0 ? dy : dx, 0);
      else if (Math.abs(dx) > Math.abs(dy)) actions.pan(dx, 0);
      else actions.zoom(at.x - actions.plot(), 2 ** (-dy / WHEEL_DOUBLES));
      const after = actions.hit(at.x, at.y);
      actions.hover(after);
    },
    { passive: false },
  );
  return () => (rest === undefined || drag !== undefined ? undefined : actions.hit(rest.x, rest.y));
}
