/** Paints heatmaps. Behind `HeatPainter` stand WebGL2 and, where that is missing, Canvas 2D: the same pixels. */
import type { Axis } from '../layout/axis';
import type { Quad } from '../layout/quads';
import type { Band } from '../layout/rows';
import type { ValueScale } from '../layout/scale';
import type { HeldTile } from '../tiles';
import { createCanvasPainter, PLAIN } from './canvasPainter';
import { createGlPainter } from './glPainter';
import type { ColourMap } from './maps';

export interface HeatTrack {
  /** Rows of its tiles, and where they are drawn in device pixels, which may lie above what is to be seen. */
  readonly bands: readonly Band[];
  readonly map: ColourMap;
  readonly scale: ValueScale;
  /** From back to front. */
  readonly quads: readonly Quad[];
}

/** All in device pixels. */
export interface HeatFrame {
  readonly width: number;
  readonly height: number;
  /** Says with `ratio` which column a pixel shows. */
  readonly axis: Axis;
  readonly ratio: number;
  /** Nothing is drawn above. */
  readonly clipTop: number;
  /** Nothing is drawn to the right: the end of what is traced. */
  readonly clipRight: number;
  readonly tracks: readonly HeatTrack[];
}

export interface HeatPainter {
  /** Whether a tile can be drawn in the next frame without making it long; if not, it can be soon. */
  readonly ready: (held: HeldTile) => boolean;
  /** Does nothing where nothing has changed. */
  readonly paint: (frame: HeatFrame) => void;
  /** Forgets what was cached, as for another trace. */
  readonly clear: () => void;
  /** The last frame; everything that was not painted is transparent. */
  readonly readPixels: () => ImageData;
}

const sameBand = (a: Band, b: Band | undefined): boolean =>
  a.from === b?.from && a.rows === b.rows && a.top === b.top && a.height === b.height;

const sameQuad = (a: Quad, b: Quad | undefined): boolean =>
  a.held.version === b?.held.version && a.left === b.left && a.right === b.right;

const sameScale = (a: ValueScale, b: ValueScale): boolean => a.from === b.from && a.to === b.to && a.knee === b.knee;

const sameTrack = (a: HeatTrack, b: HeatTrack | undefined): boolean =>
  a.map === b?.map &&
  sameScale(a.scale, b.scale) &&
  a.bands.length === b.bands.length &&
  a.quads.length === b.quads.length &&
  a.bands.every((band, i) => sameBand(band, b.bands[i])) &&
  a.quads.every((quad, i) => sameQuad(quad, b.quads[i]));

/** Whether two frames give the same picture. */
export const sameFrame = (a: HeatFrame, b: HeatFrame | undefined): boolean =>
  a.width === b?.width &&
  a.height === b.height &&
  a.ratio === b.ratio &&
  a.axis.start === b.axis.start &&
  a.axis.scale === b.axis.scale &&
  a.clipTop === b.clipTop &&
  a.clipRight === b.clipRight &&
  a.tracks.length === b.tracks.length &&
  a.tracks.every((track, i) => sameTrack(track, b.tracks[i]));

/** A context that is lost this often will be lost again. */
const MOST_LOSSES = 3;
/** A lost context that has not come back after so many milliseconds will not. */
const PATIENCE = 4000;

/** A canvas and what paints it; the canvas is replaced when its WebGL cannot be relied upon, or begins to be. */
export class HeatCanvas implements HeatPainter {
  readonly #again: () => void;
  #canvas: HTMLCanvasElement;
  #painter: HeatPainter;
  #last: HeatFrame | undefined;
  #losses = 0;

  /**
   * @param again a frame is wanted: what was not ready can be drawn now
   * @param plainly begins without WebGL, whose start takes as long as all else of a first picture, until `quicken`
   */
  constructor(canvas: HTMLCanvasElement, again: () => void, plainly = false) {
    this.#again = again;
    this.#canvas = canvas;
    this.#painter = (plainly ? undefined : this.#accelerated(canvas)) ?? this.#plain();
  }

  /** Has WebGL paint from now on, where it is there. */
  quicken(): void {
    const old = this.#canvas;
    if (old.dataset['painter'] === 'webgl2') return;
    const canvas = old.cloneNode() as HTMLCanvasElement;
    const painter = this.#accelerated(canvas);
    if (painter === undefined) return;
    this.#canvas = canvas;
    this.#painter = painter;
    if (this.#last !== undefined) painter.paint(this.#last);
    old.replaceWith(canvas);
  }

  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  readonly ready = (held: HeldTile): boolean => this.#painter.ready(held);

  readonly paint = (frame: HeatFrame): void => {
    if (sameFrame(frame, this.#last)) return;
    this.#last = frame;
    this.#painter.paint(frame);
  };

  readonly clear = (): void => {
    this.#last = undefined;
    this.#painter.clear();
  };

  readonly readPixels = (): ImageData => {
    // Without preserveDrawingBuffer there is something to read only right after painting.
    if (this.#last !== undefined) this.#painter.paint(this.#last);
    return this.#painter.readPixels();
  };

  /** @param canvas one that was not painted yet */
  #accelerated(canvas: HTMLCanvasElement): HeatPainter | undefined {
    const painter = createGlPainter(canvas, this.#again);
    if (painter === undefined) return undefined;
    canvas.dataset['painter'] = 'webgl2';
    this.#watch(canvas);
    return painter;
  }

  #watch(canvas: HTMLCanvasElement): void {
    let waiting: number | undefined;
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      if (++this.#losses >= MOST_LOSSES) this.#fallBack();
      else waiting = window.setTimeout(this.#fallBack, PATIENCE);
    });
    canvas.addEventListener('webglcontextrestored', () => {
      window.clearTimeout(waiting);
      if (canvas !== this.#canvas) return;
      const painter = createGlPainter(canvas, this.#again);
      if (painter === undefined) {
        this.#fallBack();
        return;
      }
      this.#painter = painter;
      if (this.#last !== undefined) painter.paint(this.#last);
    });
  }

  readonly #fallBack = (): void => {
    if (this.#canvas.dataset['painter'] !== 'webgl2') return;
    this.#painter = this.#plain();
    if (this.#last !== undefined) this.#painter.paint(this.#last);
  };

  #plain(): HeatPainter {
    let canvas = this.#canvas;
    // A canvas has one kind of context all its life: one that had WebGL gives way to its copy.
    if (canvas.getContext('2d', PLAIN) === null) {
      canvas = canvas.cloneNode() as HTMLCanvasElement;
      this.#canvas.replaceWith(canvas);
      this.#canvas = canvas;
    }
    canvas.dataset['painter'] = 'canvas2d';
    return createCanvasPainter(canvas);
  }
}
