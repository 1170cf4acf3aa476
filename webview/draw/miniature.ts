/** A tile as a small picture, one pixel a value, for the overview: made again only when what it shows changes. */
import { byteValue } from '../../src/shared/bytes';
import { positionOf, type ValueScale } from '../layout/scale';
import type { HeldTile } from '../tiles';
import type { ColourMap } from './maps';

export class Miniature {
  #shown:
    | { readonly held: HeldTile; readonly map: ColourMap; readonly look: string; readonly picture: OffscreenCanvas }
    | undefined;

  /** Undefined for a tile without values. */
  of(held: HeldTile, map: ColourMap, scale: ValueScale): OffscreenCanvas | undefined {
    const { columns, rows, values } = held.tile;
    if (columns === 0 || rows === 0) return undefined;
    const look = JSON.stringify(scale);
    const shown = this.#shown;
    if (shown?.held === held && shown.map === map && shown.look === look) return shown.picture;
    const picture = new OffscreenCanvas(columns, rows);
    const colours = Array.from({ length: 256 }, (_, q) => {
      const i = 3 * Math.round(255 * positionOf(scale, byteValue(held.tile, q)));
      return [map[i] ?? 0, map[i + 1] ?? 0, map[i + 2] ?? 0, 255] as const;
    });
    const pixels = new Uint8ClampedArray(4 * columns * rows);
    for (let i = 0; i < columns * rows; i++) pixels.set(colours[values[i] ?? 0] ?? [0, 0, 0, 0], 4 * i);
    picture.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
    this.#shown = { held, map, look, picture };
    return picture;
  }
}
