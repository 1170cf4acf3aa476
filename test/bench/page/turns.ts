/** What the bench asks of the probe in a page, and what it is told: plain data. */

/** One turn of the wheel, at a place in parts of the surface's width. */
export interface Turn {
  readonly x: number;
  readonly dx: number;
  readonly dy: number;
  readonly ctrl: boolean;
}

/** Milliseconds. */
export interface Frames {
  /** From one frame's callbacks to the next one's. */
  readonly intervals: readonly number[];
  /** Of the page's thread in each: callbacks, style, layout, painting. */
  readonly work: readonly number[];
}

/** CSS pixels of the window. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
