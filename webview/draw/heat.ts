/** Paints heatmaps. Behind `HeatPainter` stands Canvas 2D; what draws faster can take its place. */
import type { TileRequest } from '../../src/shared/trace';
import type { Quad } from '../layout/quads';
import { tileKey } from '../tiles';
import type { Band } from '../layout/rows';
import type { ValueScale } from '../layout/scale';
import { mapPixels, type ColourMap } from './maps';
import { colourise, placesOf } from './texture';

export interface HeatTrack {
  /** Rows of its tiles, and where they are drawn in device pixels, which may lie above what is to be seen. */
  readonly bands: readonly Band[];
  readonly map: ColourMap;
  readonly scale: ValueScale;
  readonly quads: readonly Quad[];
}

/** All in device pixels. */
export interface HeatFrame {
  readonly width: number;
  readonly height: number;
  /** Nothing is drawn above. */
  readonly clipTop: number;
  /** Nothing is drawn to the right: the end of what is traced. */
  readonly clipRight: number;
  readonly tracks: readonly HeatTrack[];
}

export interface HeatPainter {
  readonly paint: (frame: HeatFrame) => void;
  /** Forgets what was cached, as for another trace or theme. */
  readonly clear: () => void;
}

interface Texture {
  readonly canvas: OffscreenCanvas;
  readonly look: string;
  readonly bytes: number;
}

const TEXTURE_BUDGET = 64 * 2 ** 20;

/** One picture per tile, made again only when its values, its height or its colours change. */
class Textures {
  readonly #held = new Map<string, Texture>();
  #bytes = 0;

  clear(): void {
    this.#held.clear();
    this.#bytes = 0;
  }

  get(request: TileRequest, quad: Quad, track: HeatTrack): OffscreenCanvas | undefined {
    const key = tileKey(request);
    const look = `${String(quad.held.version)}/${String(track.scale.to)}`;
    const held = this.#held.get(key);
    if (held?.look === look) {
      this.#held.delete(key);
      this.#held.set(key, held);
      return held.canvas;
    }
    const { tile } = quad.held;
    const { columns, rows } = tile;
    if (columns === 0 || rows === 0) return undefined;
    const canvas = new OffscreenCanvas(columns, rows);
    const places = placesOf(tile, track.scale);
    const pixels = colourise(places, mapPixels(track.map));
    canvas.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
    const bytes = columns * rows * 4;
    this.#bytes += bytes - (held?.bytes ?? 0);
    this.#held.delete(key);
    this.#held.set(key, { canvas, look, bytes });
    for (const [oldest, texture] of this.#held) {
      if (this.#bytes <= TEXTURE_BUDGET || oldest === key) break;
      this.#held.delete(oldest);
      this.#bytes -= texture.bytes;
    }
    return canvas;
  }
}

export function createCanvasPainter(canvas: HTMLCanvasElement): HeatPainter {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser gives no 2D canvas.');
  const textures = new Textures();
  return {
    clear: () => {
      textures.clear();
    },
    paint: (frame) => {
      if (canvas.width !== frame.width) canvas.width = frame.width;
      if (canvas.height !== frame.height) canvas.height = frame.height;
      context.clearRect(0, 0, frame.width, frame.height);
      context.save();
      context.beginPath();
      context.rect(0, frame.clipTop, frame.clipRight, frame.height - frame.clipTop);
      context.clip();
      context.imageSmoothingEnabled = false;
      for (const track of frame.tracks) {
        const seen = track.bands.filter(({ top, height }) => top + height > frame.clipTop && top < frame.height);
        if (seen.length === 0) continue;
        for (const quad of track.quads) {
          const texture = textures.get(quad.request, quad, track);
          if (texture === undefined) continue;
          const width = quad.right - quad.left;
          for (const { from, rows, top, height } of seen) {
            context.drawImage(texture, quad.from, from, quad.columns, rows, quad.left, top, width, height);
          }
        }
      }
      context.restore();
    },
  };
}
