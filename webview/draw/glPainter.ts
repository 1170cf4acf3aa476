/**
 * WebGL2: a tile is a texture of bytes, uploaded once; colours are a table [combinations, 256], columns of pixels a table
 * [levels, width]. A fragment only looks up, so its colour is that of `raster.ts`.
 */
import { TILE_COLUMNS } from '../../src/shared/trace';
import type { HeldTile } from '../tiles';
import { ColourTables, MOST_TABLES, type ColourTable } from './colours';
import { buildProgram, createTable, type Program } from './glProgram';
import type { HeatFrame, HeatPainter, HeatTrack } from './heat';
import { MAP_SIZE } from './maps';
import { columnsOf, rowsIn } from './raster';

/** Bytes of tiles kept in textures: as many as the tile store keeps. */
const BUDGET = 64 * 2 ** 20;
/** Bytes that one frame may upload, beyond its first tile: more of them would make it long. */
const UPLOADS = 512 * 1024;
/** Levels that a text can have: 2^31 tokens. */
const LEVELS = 32;

interface Held {
  readonly texture: WebGLTexture;
  readonly bytes: number;
}

/** Textures of tiles, by version, in order of use. */
class TileTextures {
  readonly #gl: WebGL2RenderingContext;
  readonly #held = new Map<number, Held>();
  /** Promised to be uploaded in the next frame. */
  readonly #promised = new Set<number>();
  #room = UPLOADS;
  #bytes = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** Whether it is here, or may be uploaded in the next frame. */
  ready({ version, tile }: HeldTile): boolean {
    if (this.#held.has(version) || this.#promised.has(version)) return true;
    if (this.#room <= 0) return false;
    this.#room -= tile.values.length;
    this.#promised.add(version);
    return true;
  }

  get({ version, tile }: HeldTile): WebGLTexture | undefined {
    const known = this.#held.get(version);
    if (known !== undefined) {
      this.#held.delete(version);
      this.#held.set(version, known);
      return known.texture;
    }
    const gl = this.#gl;
    const texture = createTable(gl, gl.R8UI, tile.columns, tile.rows);
    if (texture === undefined) return undefined;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, tile.columns, tile.rows, gl.RED_INTEGER, gl.UNSIGNED_BYTE, tile.values);
    this.#held.set(version, { texture, bytes: tile.values.length });
    this.#bytes += tile.values.length;
    return texture;
  }

  /** After a frame: lets go of what was used longest ago. @returns whether something had to wait */
  settle(): boolean {
    for (const [version, { texture, bytes }] of this.#held) {
      if (this.#bytes <= BUDGET) break;
      this.#held.delete(version);
      this.#bytes -= bytes;
      this.#gl.deleteTexture(texture);
    }
    const waited = this.#room <= 0;
    this.#room = UPLOADS;
    this.#promised.clear();
    return waited;
  }

  clear(): void {
    for (const { texture } of this.#held.values()) this.#gl.deleteTexture(texture);
    this.#held.clear();
    this.#promised.clear();
    this.#bytes = 0;
  }
}

/**
 * Undefined where there is no WebGL2, or only one that the processor emulates: measured at 1200 x 800 pixels on two
 * cores, SwiftShader takes 11 ms for one ready texture and 29 ms for a frame of ours, Canvas 2D 3 ms.
 *
 * @param again a frame is wanted: what had to wait can be drawn now
 */
export function createGlPainter(canvas: HTMLCanvasElement, again: () => void): HeatPainter | undefined {
  const gl = canvas.getContext('webgl2', {
    antialias: false,
    depth: false,
    stencil: false,
    failIfMajorPerformanceCaveat: true,
  });
  if (gl === null) return undefined;
  if (isEmulated(gl)) {
    gl.getExtension('WEBGL_lose_context')?.loseContext();
    return undefined;
  }
  const program = buildProgram(gl);
  return program === undefined ? undefined : new GlPainter(canvas, gl, program, again);
}

/** Not every browser counts emulation as a caveat. */
function isEmulated(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  if (info === null) return false;
  return /swiftshader|llvmpipe|software|basic render/i.test(String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)));
}

class GlPainter implements HeatPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #program: Program;
  readonly #again: () => void;
  readonly #tiles: TileTextures;
  readonly #tables: ColourTables;
  #columns: WebGLTexture | undefined;
  #width = 0;

  constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, program: Program, again: () => void) {
    this.#canvas = canvas;
    this.#gl = gl;
    this.#program = program;
    this.#again = again;
    this.#tiles = new TileTextures(gl);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.activeTexture(gl.TEXTURE2);
    createTable(gl, gl.RGBA8, MAP_SIZE, MOST_TABLES);
    this.#tables = new ColourTables(this.#sendTable);
  }

  readonly ready = (held: HeldTile): boolean => this.#tiles.ready(held);

  readonly clear = (): void => {
    this.#tiles.clear();
    this.#tables.clear();
  };

  readonly paint = (frame: HeatFrame): void => {
    const gl = this.#gl;
    if (gl.isContextLost()) return;
    this.#begin(frame);
    const columns = columnsOf(frame);
    gl.activeTexture(gl.TEXTURE1);
    for (const [level, { offsets }] of columns) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, level, offsets.length, 1, gl.RED_INTEGER, gl.UNSIGNED_SHORT, offsets);
    }
    this.#tables.makeRoom(frame.tracks.reduce((sum, { quads }) => sum + quads.length, 0));
    const firsts = new Map(Array.from(columns, ([level, { first }]) => [level, first]));
    for (const track of frame.tracks) this.#paintTrack(frame, track, firsts);
    if (this.#tiles.settle()) this.#again();
  };

  readonly readPixels = (): ImageData => {
    const { width, height } = this.#canvas;
    const gl = this.#gl;
    const rows = new Uint8ClampedArray(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(rows.buffer));
    const image = new ImageData(width, height);
    const row = 4 * width;
    // WebGL counts rows from below.
    for (let y = 0; y < height; y++) image.data.set(rows.subarray((height - 1 - y) * row, (height - y) * row), y * row);
    return image;
  };

  readonly #sendTable = ({ row, pixels }: ColourTable): void => {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE2);
    const bytes = new Uint8Array(pixels.buffer);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row, MAP_SIZE, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  };

  #begin(frame: HeatFrame): void {
    const gl = this.#gl;
    const [width, height] = [Math.max(1, frame.width), Math.max(1, frame.height)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    if (this.#width !== width) {
      this.#width = width;
      gl.activeTexture(gl.TEXTURE1);
      if (this.#columns !== undefined) gl.deleteTexture(this.#columns);
      this.#columns = createTable(gl, gl.R16UI, width, LEVELS);
    }
    gl.viewport(0, 0, width, height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(0, 0, Math.max(0, Math.min(width, frame.clipRight)), Math.max(0, height - frame.clipTop));
    gl.uniform2i(this.#program.size, width, height);
  }

  #paintTrack(frame: HeatFrame, { bands, quads, scale, map }: HeatTrack, firsts: ReadonlyMap<number, number>): void {
    const gl = this.#gl;
    const { place, band, edges } = this.#program;
    const seen = bands.filter(({ top, height }) => height > 0 && top + height > frame.clipTop && top < frame.height);
    if (seen.length === 0) return;
    for (const { request, held, left, right } of quads) {
      const { tile } = held;
      if (tile.columns === 0 || tile.rows === 0 || right <= 0 || left >= frame.clipRight) continue;
      // The table first: it is sent by another texture unit.
      const { row } = this.#tables.get(tile, scale, map);
      gl.activeTexture(gl.TEXTURE0);
      const texture = this.#tiles.get(held);
      if (texture === undefined) continue;
      gl.bindTexture(gl.TEXTURE_2D, texture);
      const base = (firsts.get(request.level) ?? 0) - request.index * TILE_COLUMNS;
      gl.uniform4i(place, base, request.level, tile.columns - 1, row);
      gl.uniform2i(edges, left, right);
      for (const one of seen) {
        const rows = rowsIn(bands, one, tile.rows);
        if (rows === 0) continue;
        gl.uniform4i(band, one.top, one.height, one.from, rows);
        gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      }
    }
  }
}
