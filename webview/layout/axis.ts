/** The time axis: which token lies at which pixel. One axis serves all tracks; pure arithmetic, CSS pixels. */

export interface Axis {
  readonly tokens: number;
  /** Width of the plot in CSS pixels. */
  readonly width: number;
  /** Token, fractional, at the left edge. */
  readonly start: number;
  /** CSS pixels per token. */
  readonly scale: number;
}

/** Wider columns than this say nothing more. */
export const MAX_SCALE = 48;
/** A short text is not blown up beyond this when it is fitted; one of a few tokens is, or it would be a mere strip. */
const FIT_SCALE = 18;
const FEW_TOKENS = 24;
/** Narrower columns than this no longer read as columns: a text that would need them starts zoomed in. */
const LEGIBLE_SCALE = 4;
/** The scale at which a long text is first shown: as narrow as its characters can still be read above the columns. */
const FIRST_SCALE = 6;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/**
 * The scale at which the whole text just fits, but never so wide that a short text looks swollen: as wide as FEW_TOKENS
 * at FIT_SCALE, as far as columns may be.
 */
export function fitScale(tokens: number, width: number): number {
  const most = Math.min(MAX_SCALE, Math.max(FIT_SCALE, (FIT_SCALE * FEW_TOKENS) / Math.max(1, tokens)));
  return Math.min(most, width / Math.max(1, tokens));
}

/** Brings scale and start into their limits: the text neither shrinks below the plot nor leaves it. */
export function clampAxis(axis: Axis): Axis {
  const scale = clamp(axis.scale, fitScale(axis.tokens, axis.width), MAX_SCALE);
  const start = clamp(axis.start, 0, Math.max(0, axis.tokens - axis.width / scale));
  return { ...axis, scale, start };
}

export const fit = (axis: Axis): Axis => clampAxis({ ...axis, start: 0, scale: fitScale(axis.tokens, axis.width) });

/** Whether there is a text to move through, not just a few tokens. */
export const isLong = (axis: Axis): boolean => axis.tokens * FIT_SCALE > axis.width;

/** Whether the whole text is in sight. */
export const isFit = (axis: Axis): boolean => axis.tokens * axis.scale <= axis.width + 0.5;

/** The whole text where its columns stay legible, else its beginning. */
export function firstSight(tokens: number, width: number): Axis {
  const scale = fitScale(tokens, width);
  return clampAxis({ tokens, width, start: 0, scale: scale >= LEGIBLE_SCALE ? scale : FIRST_SCALE });
}

/** Zooms by `factor` such that the token at pixel `x` stays where it is. */
export function zoomAt(axis: Axis, x: number, factor: number): Axis {
  const scale = clamp(axis.scale * factor, fitScale(axis.tokens, axis.width), MAX_SCALE);
  return clampAxis({ ...axis, scale, start: axis.start + x / axis.scale - x / scale });
}

/** Moves the window by pixels: positive `dx` shows later tokens. */
export const panBy = (axis: Axis, dx: number): Axis => clampAxis({ ...axis, start: axis.start + dx / axis.scale });

/** A new width keeps the left edge; a text in sight as a whole stays so. */
export function resizeAxis(axis: Axis, width: number): Axis {
  const resized = { ...axis, width };
  return axis.width > 0 && isFit(axis) ? fit(resized) : clampAxis(resized);
}

export const xOf = (axis: Axis, token: number): number => (token - axis.start) * axis.scale;

/** The token whose column covers pixel `x`; undefined beside the text. */
export function tokenAt(axis: Axis, x: number): number | undefined {
  const token = Math.floor(axis.start + x / axis.scale);
  return token >= 0 && token < axis.tokens ? token : undefined;
}

export const visibleTokens = (axis: Axis): { readonly from: number; readonly to: number } => ({
  from: clamp(Math.floor(axis.start), 0, axis.tokens),
  to: clamp(Math.ceil(axis.start + axis.width / axis.scale), 0, axis.tokens),
});

/**
 * The axis that has tokens [token, token + count) in sight: unchanged if they are, else moved by as little as leaves
 * `margin` (a share of the width) beside them when they were near, centred when they were far.
 */
export function bringIntoSight(axis: Axis, token: number, count = 1, margin = 0.12): Axis {
  const span = axis.width / axis.scale;
  const end = axis.start + span;
  if (token >= axis.start && token + count <= end) return axis;
  const slack = span * margin;
  const near = token + count > axis.start - span / 2 && token < end + span / 2;
  const start = !near
    ? token + count / 2 - span / 2
    : token < axis.start
      ? token - slack
      : token + count - span + slack;
  return clampAxis({ ...axis, start });
}
