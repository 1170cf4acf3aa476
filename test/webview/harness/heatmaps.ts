/// <reference types="node" />
/** The heatmaps' pixels as they stand in the page, and where their tracks are. */
import type { Page } from 'playwright-core';

/** Device pixels of the canvas. */
export interface Band {
  readonly top: number;
  readonly height: number;
}

/** The tracks from top to bottom, in a column of pixels: runs that are opaque, which headings between them are not. */
export const bands = (tab: Page, x: number): Promise<readonly Band[]> =>
  tab.evaluate((left) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
    const data = canvas?.getContext('2d')?.getImageData(left, 0, 1, canvas.height).data ?? [];
    const found: { top: number; height: number }[] = [];
    for (let y = 0; y < data.length / 4; y++) {
      if (data[4 * y + 3] !== 255) continue;
      const last = found.at(-1);
      if (last !== undefined && last.top + last.height === y) last.height++;
      else found.push({ top: y, height: 1 });
    }
    return found;
  }, x);

/** Pixels [height, width, 4] of all columns of some rows; of one column where `x` is given. */
export async function pixels(tab: Page, { top, height }: Band, x?: number): Promise<Buffer> {
  const coded = await tab.evaluate(
    ([y = 0, rows = 1, left = -1]) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.surface canvas.heat');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) throw new Error('There is no heatmap in 2D.');
      const [from, columns] = left < 0 ? [0, canvas.width] : [left, 1];
      const { data } = context.getImageData(from, y, columns, rows);
      let text = '';
      for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
      return btoa(text);
    },
    [top, height, x ?? -1],
  );
  return Buffer.from(coded, 'base64');
}

/** A place inside a track, so many CSS pixels right of where the plot begins. */
export async function inTrack(tab: Page, track: number, x: number, share = 0.5): Promise<{ x: number; y: number }> {
  const box = await tab.locator('.surface canvas.heat').boundingBox();
  const ratio = await tab.evaluate(() => window.devicePixelRatio);
  const band = (await bands(tab, Math.round(x * ratio)))[track];
  if (!box || !band) throw new Error(`There is no track ${String(track)}.`);
  return { x: box.x + x, y: box.y + (band.top + share * band.height) / ratio };
}
