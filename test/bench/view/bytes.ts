/**
 * What is sent to the webview for each screen that it draws. A session of stops over 10 million tokens, from all of the text:
 * zooms by two, pans by half a screen, jumps of twenty screens, and back out; at each stop the view comes to rest. Bytes:
 * every message to the page in the session (as structured clones: tiles, labels, lines, and what holds them), asked
 * for in advance or not. Visible values: summed over the distinct screens at which it came to rest, so that what two share
 * counts in both: of each track its rows times the columns of the drawn level between the screen's ends. What a
 * track's rows are, and which level is drawn, is taken from the finest tiles that were asked for at that scale.
 */
import type { Frame } from 'playwright-core';
import type { Turn } from '../page/turns';
import type { Bench, BenchWindow } from '../benchWindow';
import type { AskedTile, Sent } from '../extension/api';
import { print } from '../pairs';
import { DOUBLES, LARGE, openLarge, SURFACE } from './frames';
import { GROUP } from './names';

/** Milliseconds without a message that a view at rest has. */
const QUIET = 250;
const POLL = 60;
/** CSS pixels of a screen. */
const SCREEN = 1200;
/** More than these are not drawn one by one: then the level was taken amiss. */
const MOST_COLUMNS = 3000;

const zoom = (doublings: number): Turn => ({ x: 0.6, dx: 0, dy: -DOUBLES * doublings, ctrl: true });
const pan = (screens: number): Turn => ({ x: 0.6, dx: screens * SCREEN, dy: 0, ctrl: false });
const times = (count: number, turn: Turn): readonly Turn[] => Array.from({ length: count }, () => turn);

const SESSION: readonly Turn[] = [
  ...times(6, zoom(1)),
  ...times(6, pan(0.5)),
  ...times(6, zoom(1)),
  ...times(6, pan(-0.5)),
  ...times(4, pan(20)),
  ...times(6, zoom(1)),
  ...times(6, pan(0.5)),
  ...times(4, zoom(-1)),
];

interface Screen {
  readonly from: number;
  readonly to: number;
}

/** What was sent until the view came to rest. */
async function settle({
  window,
  extension,
}: BenchWindow): Promise<{ bytes: number; tileBytes: number; tiles: readonly AskedTile[]; look: Sent['look'] }> {
  const total = { bytes: 0, tileBytes: 0, tiles: [] as AskedTile[], look: undefined as Sent['look'] };
  let quiet = 0;
  while (quiet < QUIET) {
    await window.page.waitForTimeout(POLL);
    const { bytes, tileBytes, messages, asked, look } = await extension.takeSent();
    quiet = messages === 0 ? quiet + POLL : 0;
    total.bytes += bytes;
    total.tileBytes += tileBytes;
    total.tiles.push(...asked);
    total.look = look;
  }
  return total;
}

/** Levels and rows as they were asked for, so that a screen that needed nothing new is known too. */
class Grid {
  /** By the logarithm of the scale, in eighths of a doubling. */
  readonly #levels = new Map<number, number>();
  readonly #rows = new Map<string, number>();

  note({ from, to }: Screen, tiles: readonly AskedTile[]): void {
    for (const { track, rows } of tiles) this.#rows.set(track, rows);
    const key = Math.round(8 * Math.log2(to - from));
    const levels = tiles.map(({ level }) => level);
    if (levels.length > 0) this.#levels.set(key, Math.min(...levels, this.#levels.get(key) ?? Infinity));
  }

  /** Values in sight; undefined where nothing was ever asked for at that scale or further out. */
  values({ from, to }: Screen): number | undefined {
    const key = Math.round(8 * Math.log2(to - from));
    // Nothing is asked for anew where a token is wider than a pixel: the level stays as it was further out.
    const further = [...this.#levels.keys()].filter((known) => known >= key).sort((a, b) => a - b);
    const level = this.#levels.get(further[0] ?? NaN);
    if (level === undefined) return undefined;
    const columns = Math.ceil(to / 2 ** level) - Math.floor(from / 2 ** level);
    if (columns > MOST_COLUMNS) throw new Error(`${String(columns)} columns of level ${String(level)} are in sight.`);
    return columns * [...this.#rows.values()].reduce((sum, rows) => sum + rows, 0);
  }

  get tracks(): number {
    return this.#rows.size;
  }
}

export async function bytes(bench: Bench): Promise<void> {
  const one = await bench.open();
  await one.extension.execute('workbench.action.closeSidebar');
  const page: Frame = await openLarge(one, LARGE);
  // What the first sight of a text and the way out of it took is no part of the session.
  await settle(one);
  const grid = new Grid();
  const screens = new Map<string, number>();
  let [sent, tileBytes] = [0, 0];
  for (const turn of SESSION) {
    await one.ask(page, 'frames', SURFACE, [turn]);
    const stop = await settle(one);
    sent += stop.bytes;
    tileBytes += stop.tileBytes;
    if (stop.look === undefined) throw new Error('The view did not tell where it looks.');
    const screen = stop.look;
    grid.note(screen, stop.tiles);
    const values = grid.values(screen);
    if (values === undefined) throw new Error(`No tile was asked for at ${JSON.stringify(screen)}.`);
    screens.set(`${screen.from.toFixed(1)} ${screen.to.toFixed(1)}`, values);
  }
  await one.close();
  if (screens.size < SESSION.length / 2) throw new Error(`The view told of ${String(screens.size)} screens only.`);
  const visible = [...screens.values()].reduce((sum, values) => sum + values, 0);
  print({
    group: GROUP,
    name: 'bytes sent to the webview per screen, over visible values',
    peer: 'one byte a visible value',
    ratio: sent / visible,
    must: 1.5,
    aim: 1,
    tiles_alone: tileBytes / visible,
    kilobytes_a_screen: sent / screens.size / 1000,
    values_a_screen: visible / screens.size,
    tracks: grid.tracks,
    screens: screens.size,
  });
}
