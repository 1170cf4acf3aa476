/**
 * What a page is told first, with the tiles of its first picture: asked for here while VS Code loads the page, which so
 * need not ask. Which tiles they are is known from the last picture that was shown. Knows no `vscode`.
 */
import type { Remote } from '../shared/rpc';
import type { ModelInfo, TileRequest, TraceInfo } from '../shared/trace';
import type { Beginning, FirstTile } from '../shared/viewApi';
import type { WorkerApi } from '../shared/workerApi';
import { mark } from './marks';
import type { Sharing } from './sharing';
import type { Traces } from './traces';

/** A picture has at most so many tiles: a message is not to be larger than a few hundred kilobytes. */
const MOST_TILES = 8;
/**
 * Milliseconds for which a trace leaves the processor to the page that will show it, and the rest of the window what
 * it would say of it: each held the picture up by a fifth.
 */
export const PAUSE = 500;
/** A page that listens is told what there is after so many milliseconds, though what is being opened is not there yet. */
const PATIENCE = 400;
/** A tile that takes longer is left to the page, which shows what there is meanwhile. */
const TILE_PATIENCE = 150;
/** Units that share a row where nobody knows yet how tall a picture is: few enough that they stand in for it. */
const GROUP = 4;

/** Without the trace, which is another each time. */
export type TileShape = Omit<TileRequest, 'trace'>;

/** Tiles of a picture of a text. */
export interface Pictured {
  /** URI of the text. */
  readonly text: string;
  readonly tiles: readonly TileShape[];
}

/** The beginning of a text, of the first layer. */
function usualTiles({ layers: [first], predicts }: ModelInfo): readonly TileShape[] {
  const heat = (first?.signals ?? []).map(({ name }) => ({
    layer: 0,
    signal: name,
    group: GROUP,
    of: 'spikes' as const,
  }));
  const loss = predicts ? [{ layer: 0, signal: 'loss' as const, of: 'mean' as const }] : [];
  return [...heat, ...loss].map((shape) => ({ ...shape, level: 0, index: 0 }));
}

const hasSignal = ({ layers, predicts }: ModelInfo, { layer, signal }: TileShape): boolean =>
  signal === 'loss'
    ? predicts
    : [...(layers[layer]?.signals ?? []), ...(layers[layer]?.derived ?? [])].some(({ name }) => name === signal);

/**
 * The tiles that a first picture of a text will want, as far as can be known.
 *
 * @param last the last picture, of this or another text
 */
export function tilesAhead({ id, model }: TraceInfo, text: string, last: Pictured | undefined): readonly TileRequest[] {
  // An arrangement of rows is a trace's own: as good as none.
  const known = (last?.tiles ?? []).filter((tile) => (tile.rows ?? 0) === 0 && hasSignal(model, tile));
  // Another text is shown from its beginning, where its tokens can be read.
  const fitting = last?.text === text ? known : known.filter(({ level }) => level === 0).map(atStart);
  const unique = new Map(
    (fitting.length > 0 ? fitting : usualTiles(model)).map((shape) => [JSON.stringify(shape), shape]),
  );
  return [...unique.values()].slice(0, MOST_TILES).map((shape) => ({ ...shape, trace: id }));
}

const shapeOf = ({ layer, signal, level, index, rows = 0, group = 1, of = 'mean' }: TileRequest): TileShape => ({
  ...{ layer, signal, level, index },
  ...{ rows, group, of },
});

const atStart = (shape: TileShape): TileShape => ({ ...shape, index: 0 });

const pause = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, ms, undefined));

export interface FirstPictureParts {
  readonly worker: Pick<Remote<WorkerApi>, 'tile' | 'proceed'>;
  readonly traces: Pick<Traces, 'shown' | 'scene' | 'byId' | 'onDidChange' | 'onDidProgress'>;
  readonly sharing: Sharing;
}

export class FirstPicture {
  readonly #parts: FirstPictureParts;
  #opening: Promise<unknown> | undefined;
  #loading: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  constructor(parts: FirstPictureParts) {
    this.#parts = parts;
  }

  /** A text is being opened and a page loaded that will show it: the page is told of it as soon as it is open. */
  expect(opening: Promise<unknown>): void {
    const settled = opening.then(
      () => true,
      () => false,
    );
    this.#opening = settled;
    this.#loading?.end();
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    const loading = { over, end };
    this.#loading = loading;
    void over.then(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    void settled.then((opened) => {
      if (this.#opening === settled) this.#opening = undefined;
      if (opened) setTimeout(end, PAUSE);
      else end();
    });
  }

  /** Does what may wait for a first picture: at once where none is being made. */
  afterwards(act: () => void): void {
    if (this.#loading === undefined) act();
    else void this.#loading.over.then(act);
  }

  /** What a page is told that listens already; its tiles are on their way by `soon`. */
  async ready(): Promise<Beginning> {
    await Promise.race([this.#opened(), pause(PATIENCE)]);
    return this.#now();
  }

  /** What a page is told that is being loaded: after what is being opened can be seen. */
  async soon(): Promise<Beginning> {
    await this.#opened();
    const { shown } = this.#parts.traces;
    const ahead = shown && tilesAhead(shown.info, shown.uri.toString(), this.#parts.sharing.pictured);
    const tiles = await Promise.all((ahead ?? []).map((request) => this.#tile(request)));
    mark('told');
    return { ...this.#now(), tiles: tiles.flat() };
  }

  /** What there is to be told now, without tiles. */
  #now(): Beginning {
    const { traces, sharing } = this.#parts;
    const { shown, scene } = traces;
    return { scene, choices: sharing.choices, look: shown && sharing.look(shown.uri.toString()), tiles: [] };
  }

  /** Waits until what is being opened can be seen. */
  async #opened(): Promise<void> {
    await this.#opening;
    const { shown } = this.#parts.traces;
    if (shown !== undefined) await this.#visible(shown.info.id);
  }

  /** A picture is shown: the trace may have the processor to itself, and the next page the same tiles. */
  pictured(trace: number, tiles: readonly TileRequest[]): void {
    const { worker, traces, sharing } = this.#parts;
    worker.proceed(trace).catch(() => undefined);
    this.#loading?.end();
    const shown = traces.byId(trace);
    if (shown === undefined) return;
    sharing.pictured = { text: shown.uri.toString(), tiles: tiles.slice(0, MOST_TILES).map(shapeOf) };
  }

  /** The page asks for what is missing itself. */
  async #tile(request: TileRequest): Promise<readonly FirstTile[]> {
    const asked = this.#parts.worker.tile(request).catch(() => undefined);
    const tile = await Promise.race([asked, pause(TILE_PATIENCE)]);
    return tile !== undefined && tile.columns > 0 ? [{ request, tile }] : [];
  }

  /** Waits until there are tokens of a trace to be seen, or it is not shown any more. */
  #visible(trace: number): Promise<void> {
    const { traces } = this.#parts;
    return new Promise((resolve) => {
      const look = (): void => {
        const { shown } = traces;
        if (shown?.info.id === trace && shown.progress.done === 0 && shown.progress.state === 'running') return;
        for (const subscription of subscriptions) subscription.dispose();
        resolve();
      };
      const subscriptions = [traces.onDidChange(look), traces.onDidProgress(look)];
      look();
    });
  }
}
