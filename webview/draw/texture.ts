/** A tile's bytes as a picture: a pixel per column and row. */
import { byteValue, type ByteScale } from '../../src/shared/bytes';
import type { Tile } from '../../src/shared/trace';
import { positionOf, type ValueScale } from '../layout/scale';

/** Where each byte of a tile lies on a colour map of 256 colours, not rounded. */
export function positionTable(tile: ByteScale, scale: ValueScale): Float32Array {
  return Float32Array.from({ length: 256 }, (_, q) => 255 * positionOf(scale, byteValue(tile, q)));
}

/** Where each value of a tile lies on the map, [rows, columns]. */
export function placesOf(tile: Tile, scale: ValueScale): Uint8Array {
  const table = Uint8Array.from(positionTable(tile, scale), Math.round);
  return tile.values.map((q) => table[q] ?? 0);
}

/** Pixels of places on a map, by its colours (see `mapPixels`). */
export function colourise(places: Uint8Array, colours: Uint32Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) pixels[i] = colours[places[i] ?? 0] ?? 0;
  return new Uint8ClampedArray(pixels.buffer);
}
