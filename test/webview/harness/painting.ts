/** Runs in a page: paints one track of a synthetic trace by the painter that the page gives, and hands out its pixels. */
import { HeatCanvas } from '../../../webview/draw/heat';
import { mapsFor, type MapName } from '../../../webview/draw/maps';
import type { Axis } from '../../../webview/layout/axis';
import { levelFor } from '../../../webview/layout/level';
import { devicePixel, placeTiles, type TileSource } from '../../../webview/layout/quads';
import { bandsOf, gridOf } from '../../../webview/layout/rows';
import { scaleOf, type ValueScale } from '../../../webview/layout/scale';
import type { HeldTile } from '../../../webview/tiles';
import type { SignalName } from '../../../src/shared/signals';
import type { Reduction, TileRequest } from '../../../src/shared/trace';
import { synthesise } from './synthetic';

export interface Painting {
  readonly tokens: number;
  readonly units: number;
  readonly pins: readonly number[];
  readonly signal: SignalName;
  readonly map: MapName;
  readonly range?: { readonly from: number; readonly to: number } | 'clip';
  readonly of: Reduction;
  readonly axis: Axis;
  readonly ratio: number;
  /** CSS pixels of the track. */
  readonly height: number;
  /** Device pixels: where the track begins, what is hidden above, and how tall all is. */
  readonly top: number;
  readonly clipTop: number;
  readonly tall: number;
  /** Tokens that are traced. */
  readonly done?: number;
  readonly spike?: number;
  /** Tiles are at hand at this level only; that of the axis where absent. */
  readonly only?: number;
}

export const BACKGROUND = [0.1, 0.1, 0.1] as const;

/** What is asked of a painting's tiles. */
export function tilesOf({ signal, pins, units, height, ratio, of }: Painting): Omit<TileRequest, 'level' | 'index'> {
  const { group } = gridOf(units, pins.length, height, ratio);
  return { trace: 1, layer: 0, signal, group, of };
}

export const unitsOf = ({ units, pins }: Painting): readonly number[] => [
  ...pins,
  ...Array.from({ length: units }, (_, unit) => unit).filter((unit) => !pins.includes(unit)),
];

export const traceOf = ({ tokens, units, spike }: Painting): ReturnType<typeof synthesise> =>
  synthesise({ tokens, cell: 'lstm', layers: 1, units, ...(spike !== undefined && { spike }) });

export const scaleFor = ({ signal, range }: Painting): ValueScale =>
  scaleOf(signal === 'cell' ? 'free' : signal === 'hidden' ? 'signed' : 'gate', { peak: 6, bulk: 1.1 }, range);

let versions = 0;

function sourceOf(painting: Painting): TileSource {
  const trace = traceOf(painting);
  const rows = { units: unitsOf(painting), pinned: painting.pins.length };
  const held = new Map<string, HeldTile>();
  const wanted = painting.only ?? levelFor(painting.axis.scale, painting.ratio);
  const get = (request: TileRequest): HeldTile | undefined => {
    if (request.level !== wanted) return undefined;
    const key = String(request.index);
    const known = held.get(key);
    if (known !== undefined) return known;
    const one = { tile: trace.tile(request, painting.done ?? painting.tokens, rows), version: ++versions };
    held.set(key, one);
    return one;
  };
  return {
    get,
    coarser: (request) => {
      const index = Math.floor(request.index / 2 ** (wanted - request.level));
      const parent = { ...request, level: wanted, index };
      const found = wanted > request.level ? get(parent) : undefined;
      return found && { held: found, request: parent };
    },
  };
}

const canvas = typeof document === 'undefined' ? undefined : document.createElement('canvas');
const stage = typeof document === 'undefined' ? undefined : document.createElement('div');
let heat: HeatCanvas | undefined;

/** Pixels [height, width] of red, green, blue, alpha, in base64. */
function paint(painting: Painting): { painter: string; width: number; height: number; pixels: string } {
  if (canvas === undefined || stage === undefined) throw new Error('There is no page.');
  if (heat === undefined) {
    stage.append(canvas);
    document.body.replaceChildren(stage);
    heat = new HeatCanvas(canvas, () => undefined);
  }
  const { axis, ratio, units, pins, height, top } = painting;
  const grid = gridOf(units, pins.length, height, ratio);
  const bands = bandsOf(grid).map((band) => {
    const y = top + Math.round(band.top * ratio);
    return { ...band, top: y, height: top + Math.round((band.top + band.height) * ratio) - y };
  });
  const level = levelFor(axis.scale, ratio);
  const { quads } = placeTiles(axis, level, ratio, tilesOf(painting), sourceOf(painting));
  const width = Math.round(axis.width * ratio);
  const end = devicePixel(axis, Math.min(axis.tokens, painting.done ?? axis.tokens), ratio);
  heat.paint({
    width,
    height: painting.tall,
    axis,
    ratio,
    clipTop: painting.clipTop,
    clipRight: Math.min(width, end),
    tracks: [{ bands, map: mapsFor([...BACKGROUND]).named(painting.map), scale: scaleFor(painting), quads }],
  });
  return read();
}

function read(): { painter: string; width: number; height: number; pixels: string } {
  if (heat === undefined) throw new Error('Nothing is painted.');
  const { data, width, height } = heat.readPixels();
  let text = '';
  for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
  return { painter: heat.canvas.dataset['painter'] ?? '', width, height, pixels: btoa(text) };
}

/** Begins anew without WebGL, paints, and has WebGL paint the same. @returns both */
function quickened(painting: Painting): readonly ReturnType<typeof read>[] {
  if (stage === undefined) throw new Error('There is no page.');
  const plain = document.createElement('canvas');
  stage.replaceChildren(plain);
  heat = new HeatCanvas(plain, () => undefined, true);
  const before = paint(painting);
  heat.quicken();
  return [before, read()];
}

/** Takes the context away, and gives it back unless it is to stay away. */
async function lose(again: boolean): Promise<void> {
  const gl = heat?.canvas.getContext('webgl2');
  const extension = gl?.getExtension('WEBGL_lose_context');
  if (extension === undefined || extension === null) throw new Error('The context cannot be lost.');
  const next = (name: string): Promise<unknown> =>
    new Promise((resolve) => heat?.canvas.addEventListener(name, resolve, { once: true }));
  const lost = next('webglcontextlost');
  extension.loseContext();
  await lost;
  if (!again) return;
  const back = next('webglcontextrestored');
  await new Promise((resolve) => setTimeout(resolve, 0));
  extension.restoreContext();
  await back;
}

export interface PaintingPage {
  readonly paint: typeof paint;
  readonly read: typeof read;
  readonly quickened: typeof quickened;
  readonly lose: typeof lose;
}

declare global {
  interface Window {
    painting: PaintingPage;
  }
}

if (typeof window !== 'undefined') window.painting = { paint, read, quickened, lose };
