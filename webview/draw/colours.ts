/** Lookup tables: the colour of each byte of a tile, for its spacing, a track's scale and a map. Both painters use them. */
import type { ByteScale } from '../../src/shared/bytes';
import type { ValueScale } from '../layout/scale';
import { mapPixels, MAP_SIZE, type ColourMap } from './maps';
import { positionTable } from './texture';

export interface ColourTable {
  /** Its row among the tables; rows are given out in order. */
  readonly row: number;
  /** [256] opaque pixels, as bytes red, green, blue, alpha. */
  readonly pixels: Uint32Array;
}

/** So many combinations are kept; a frame needs one a track, and one more for each tile with other ends. */
export const MOST_TABLES = 256;

const keyOf = ({ lo, hi, knee }: ByteScale, scale: ValueScale): string =>
  `${String(lo)}/${String(hi)}/${String(knee)}/${String(scale.from)}/${String(scale.to)}/${String(scale.knee)}`;

export class ColourTables {
  readonly #held = new Map<ColourMap, Map<string, ColourTable>>();
  readonly #made: (table: ColourTable) => void;
  #count = 0;

  /** @param made hears of each new table, which may take the row of one that is no longer kept */
  constructor(made: (table: ColourTable) => void = () => undefined) {
    this.#made = made;
  }

  clear(): void {
    this.#held.clear();
    this.#count = 0;
  }

  /** Before a frame: makes room, so that none of its tables takes the row of another. */
  makeRoom(needed: number): void {
    if (this.#count + needed > MOST_TABLES) this.clear();
  }

  get(bytes: ByteScale, scale: ValueScale, map: ColourMap): ColourTable {
    let ofMap = this.#held.get(map);
    if (ofMap === undefined) {
      ofMap = new Map();
      this.#held.set(map, ofMap);
    }
    const key = keyOf(bytes, scale);
    const known = ofMap.get(key);
    if (known !== undefined) return known;
    const colours = mapPixels(map);
    const places = positionTable(bytes, scale);
    const pixels = new Uint32Array(MAP_SIZE);
    for (let q = 0; q < MAP_SIZE; q++) pixels[q] = colours[Math.round(places[q] ?? 0)] ?? 0;
    const table = { row: this.#count++ % MOST_TABLES, pixels };
    ofMap.set(key, table);
    this.#made(table);
    return table;
  }
}
