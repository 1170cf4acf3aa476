/**
 * Frames while panning and zooming over a trace of 10 million tokens and 1,024 units, six tracks: the product's own page
 * from its installed package, in an editor tab, with its port to the extension host, where a formula answers. The
 * script goes from all of the text to single characters by 90 small turns of the wheel, with 90 of panning between, one
 * a frame, and tiles arrive as they may. The other is a page in the same place that draws one ready texture of the same
 * size at each turn, by WebGL2. A frame is from one `requestAnimationFrame` to the next. Chromium's limit of 60 a second
 * is off, so that what a frame takes is seen and not waited for: its callbacks, style, painting, and, since the browser
 * lets few frames wait for the drawing, that by the processor too (twenty draws a frame take twenty times as long).
 * Each page is opened anew, turn by turn.
 */
import type { Frame } from 'playwright-core';
import type { Frames, Turn } from '../page/turns';
import { PAINTED, type LargeTrace } from '../extension/api';
import type { Bench, BenchWindow } from '../benchWindow';
import { median, percentile, print } from '../pairs';
import { GROUP } from './names';

export const FRAME_FLAGS = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

const UNITS = 1024;
export const LARGE: LargeTrace = { tokens: 10_000_000, units: UNITS };
const SMALL: LargeTrace = { tokens: 10_000, units: UNITS };
const LEGS = 3;
/** Pixels of a pinching wheel that double the scale (webview/ui/pointer.ts). */
export const DOUBLES = 70;
/** Pixels a frame. */
const PAN = 14;
/** Of the canvas, CSS pixels; and of a token at the end of the way in. */
const WIDTH = 1200;
const NEAR = 12;
/** Milliseconds in which a page comes to rest. */
const REST = 1000;
export const SURFACE = '.surface';

/** In, with a pan after each third of the way; by as many frames whatever the length of the text. */
function wayIn({ tokens }: LargeTrace, frames: number): Turn[] {
  const doublings = Math.log2((tokens * NEAR) / WIDTH);
  const dy = (-DOUBLES * doublings) / (LEGS * frames);
  return Array.from({ length: LEGS }, (_, leg) => [
    ...Array.from({ length: frames }, (): Turn => ({ x: 0.5, dx: 0, dy, ctrl: true })),
    ...Array.from({ length: frames }, (): Turn => ({ x: 0.5, dx: leg % 2 === 0 ? PAN : -PAN, dy: 0, ctrl: false })),
  ]).flat();
}

export async function openLarge({ window, extension, painted }: BenchWindow, trace: LargeTrace): Promise<Frame> {
  const seen = painted('gatescope:first-pixels');
  await extension.openLarge(trace);
  await seen;
  const page = await window.webview('body[data-gatescope-view="editor"] canvas');
  await window.page.waitForTimeout(REST);
  return page;
}

async function openTexture(one: BenchWindow, width: number, height: number): Promise<Frame> {
  const seen = one.painted(PAINTED);
  await one.extension.openTexture(width, height);
  await seen;
  const page = await one.window.webview('body[data-gatescope-bench="texture"] canvas');
  await one.window.page.waitForTimeout(REST);
  return page;
}

const NAMES = ['large', 'texture', 'small'] as const;
type Name = (typeof NAMES)[number];

/** @param rounds how often each @param frames of a leg, of which a way has six */
export async function frames(bench: Bench, rounds: number, legFrames: number): Promise<void> {
  const one = await bench.open();
  const { extension, ask } = one;
  await extension.execute('workbench.action.closeSidebar');
  let size = { width: 0, height: 0 };
  const all: Record<Name, Frames[]> = { large: [], texture: [], small: [] };
  for (let n = 0; n < rounds; n++) {
    for (const name of n % 2 === 0 ? NAMES : (['small', 'large', 'texture'] as const)) {
      if (name === 'texture') {
        const page = await openTexture(one, size.width, size.height);
        all.texture.push(await ask<Frames>(page, 'frames', 'canvas', wayIn(LARGE, legFrames)));
      } else {
        const trace = name === 'large' ? LARGE : SMALL;
        const page = await openLarge(one, trace);
        size = await ask<typeof size>(page, 'canvasSize');
        all[name].push(await ask<Frames>(page, 'frames', SURFACE, wayIn(trace, legFrames)));
      }
      await extension.closePages();
    }
  }
  await one.close();
  const p95 = (name: Name, pick: (frames: Frames) => readonly number[]): number[] =>
    all[name].map((round) => percentile(pick(round), 0.95));
  const intervals = ({ intervals: times }: Frames): readonly number[] => times;
  const [large, texture, small] = [p95('large', intervals), p95('texture', intervals), p95('small', intervals)];
  const ratios = (over: readonly number[]): number => median(large.map((time, n) => time / (over[n] ?? NaN)));
  const work = ({ work: times }: Frames): readonly number[] => times;
  const details = {
    large_ms: median(large),
    large_median_ms: median(all.large.map((round) => median(round.intervals))),
    large_work_ms: median(p95('large', work)),
    canvas: `${String(size.width)} x ${String(size.height)}`,
    rounds,
    frames: all.large[0]?.intervals.length ?? 0,
  };
  print({
    group: GROUP,
    name: 'frame at 10 million tokens x 1,024 units x 6 tracks, 95th percentile',
    peer: 'drawing one ready texture of the same size',
    ratio: ratios(texture),
    must: 2,
    aim: 1.2,
    ...details,
    peer_ms: median(texture),
    peer_median_ms: median(all.texture.map((round) => median(round.intervals))),
    peer_work_ms: median(p95('texture', work)),
  });
  print({
    group: GROUP,
    name: 'the same over 10 thousand tokens',
    peer: 'the same page at 10 thousand tokens',
    ratio: ratios(small),
    must: 1.2,
    aim: 1.05,
    ...details,
    peer_ms: median(small),
    peer_median_ms: median(all.small.map((round) => median(round.intervals))),
    peer_work_ms: median(p95('small', work)),
  });
}
