/** Canvas 2D: the frame's pixels are worked out here (`raster.ts`) and put as they are. */
import { ColourTables } from './colours';
import type { HeatPainter } from './heat';
import { rasterise } from './raster';

/** Pixels are written and read; nothing is drawn that a graphics card would be quicker at. */
export const PLAIN: CanvasRenderingContext2DSettings = { willReadFrequently: true };

/**
 * Scaled pictures of tiles, drawn by the browser, were quicker on some machines; but which pixel belongs to which column
 * was the browser's choice then, and neither that of the marks nor of WebGL.
 */
export function createCanvasPainter(canvas: HTMLCanvasElement): HeatPainter {
  const context = canvas.getContext('2d', PLAIN);
  if (context === null) throw new Error('This browser gives no 2D canvas.');
  const tables = new ColourTables();
  let image: ImageData | undefined;
  let words = new Uint32Array(0);
  return {
    ready: () => true,
    clear: () => {
      tables.clear();
    },
    paint: (frame) => {
      const [width, height] = [Math.max(1, frame.width), Math.max(1, frame.height)];
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      if (image?.width !== width || image.height !== height) {
        image = new ImageData(width, height);
        words = new Uint32Array(image.data.buffer);
      }
      rasterise(frame, tables, words);
      context.putImageData(image, 0, 0);
    },
    readPixels: () => context.getImageData(0, 0, canvas.width, canvas.height),
  };
}
