/** Values as places on a colour map, and places as pixels. */
import { byteValue, type ByteScale } from '../../src/shared/bytes';
import { positionOf, type ValueScale } from '../layout/scale';

/** Where each byte of a tile lies on a colour map of 256 colours, not rounded. */
export function positionTable(tile: ByteScale, scale: ValueScale): Float64Array {
  return Float64Array.from({ length: 256 }, (_, q) => 255 * positionOf(scale, byteValue(tile, q)));
}

/** Pixels of places on a map, by its colours (see `mapPixels`). */
export function colourise(places: Uint8Array, colours: Uint32Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) pixels[i] = colours[places[i] ?? 0] ?? 0;
  return new Uint8ClampedArray(pixels.buffer);
}
