/**
 * What a window does once: `activate()`, and the way from a command to first pixels, the first time and again.
 *
 * First pixels. Both commands are run by the second key of a chord, with the keyboard in a text of 20 KB, and bring a
 * view of the side bar into sight that was not (the Explorer is there). Both extensions are active. Ours shows its view,
 * loads its page, reads the model, cuts the text into tokens, traces it as far as the first tiles, and draws them; that
 * frame makes the mark `gatescope:first-pixels`. The other's page is a line of text, and makes its mark within its
 * first frame. Timed is from the key's event to two frames after the mark, so that painting is in it. `first` is the
 * first webview of a new window, in which the other is not opened before: ours has no worker yet, and no model. `again`
 * is later: VS Code has thrown the page away with its hiding, and our trace was cleared, so that the text is traced
 * anew. Turn by turn, every second time the other way about.
 *
 * Activation. From the call of `Extension.activate()` to its promise, which loads the code; in a new window at rest, one after the other, every second time the other way about.
 */
import type { Frame } from 'playwright-core';
import { PAINTED } from '../extension/api';
import type { Bench, BenchWindow } from '../benchWindow';
import { median, print } from '../pairs';
import { EMPTY_PRODUCT, GROUP, PRODUCT, TRACED } from './names';
import { TEXT_BYTES } from './text';

const FIRST_PIXELS = 'gatescope:first-pixels';
/** `--timeline` tells where the time went. */
const TIMELINE = process.argv.includes('--timeline');
/** More than a few: else what was painted is a frame without values. */
const COLOURS = 40;
/** Milliseconds in which a page goes, or a machine comes to rest. */
const REST = 700;

interface Way {
  readonly mark: string;
  /** Last key of the chord that begins with Ctrl+K. */
  readonly key: string;
}

const OURS: Way = { mark: FIRST_PIXELS, key: 'g' };
const EMPTY: Way = { mark: PAINTED, key: 'j' };

/** @returns milliseconds from key to pixels */
async function go({ window, painted, ask, extension }: BenchWindow, { mark, key }: Way): Promise<number> {
  const { page } = window;
  const seen = painted(mark);
  await page.keyboard.press('Control+KeyK');
  await page.keyboard.press(`Control+Key${key.toUpperCase()}`);
  const at = await seen;
  const pressed = await ask<number>(page.mainFrame(), 'pressed', key);
  if (TIMELINE) await tellMarks({ window, ask, extension }, mark, pressed, at);
  return at - pressed;
}

/** On stderr: milliseconds from the key to each mark on the way, in the extension host (`host:`) and in the page. */
async function tellMarks(
  { window, ask, extension }: Pick<BenchWindow, 'window' | 'ask' | 'extension'>,
  mark: string,
  pressed: number,
  painted: number,
): Promise<void> {
  const body = mark === PAINTED ? 'data-gatescope-bench' : 'data-gatescope-view';
  const page = await ask<Record<string, number>>(await window.webview(`body[${body}]`), 'marks');
  const all = { ...(mark === PAINTED ? {} : await extension.marks()), ...page, painted };
  const order = Object.entries(all).sort(([, a], [, b]) => a - b);
  console.error(
    order.map(([name, time]) => `${name.replace('gatescope:', '')} ${(time - pressed).toFixed(0)}`).join('  '),
  );
}

/** The Explorer in the side bar, no trace, the keyboard in the text. */
async function rest({ window, extension }: BenchWindow): Promise<void> {
  await extension.execute('gatescope.clear');
  await extension.execute('workbench.view.explorer');
  await extension.openText(TRACED, 1, 1);
  await extension.execute('workbench.action.focusActiveEditorGroup');
  await window.page.waitForTimeout(REST);
}

interface Pair {
  readonly ours: number;
  readonly empty: number;
}

async function pair(one: BenchWindow, oursFirst: boolean): Promise<Pair> {
  const times = { ours: 0, empty: 0 };
  for (const which of oursFirst ? (['ours', 'empty'] as const) : (['empty', 'ours'] as const)) {
    await rest(one);
    times[which] = await go(one, which === 'ours' ? OURS : EMPTY);
    if (which === 'ours') await look(one);
  }
  return times;
}

/** What was painted are values. */
async function look({ window, ask }: BenchWindow): Promise<void> {
  const view: Frame = await window.webview('body[data-gatescope-view] canvas');
  const colours = await ask<number>(view, 'colours');
  if (colours < COLOURS) throw new Error(`The heatmap has ${String(colours)} colours.`);
}

function printPixels(name: string, pairs: readonly Pair[]): void {
  print({
    group: GROUP,
    name: `command to first pixels of ${String(TEXT_BYTES / 1000)} KB, ${name}`,
    peer: 'an empty webview',
    ratio: median(pairs.map(({ ours, empty }) => ours / empty)),
    must: 2,
    aim: 1.3,
    ours_ms: median(pairs.map(({ ours }) => ours)),
    peer_ms: median(pairs.map(({ empty }) => empty)),
    pairs: pairs.length,
  });
}

/** @param pairs how many pairs of windows @param turns of each in every window, after the first */
export async function starts(bench: Bench, pairs: number, turns: number): Promise<void> {
  const [first, again]: [Pair[], Pair[]] = [[], []];
  const activations: Pair[] = [];
  for (let n = 0; n < pairs; n++) {
    const times = { ours: 0, empty: 0 };
    for (const which of n % 2 === 0 ? (['ours', 'empty'] as const) : (['empty', 'ours'] as const)) {
      const one = await bench.open();
      await one.window.page.waitForTimeout(2 * REST);
      const order = which === 'ours' ? [PRODUCT, EMPTY_PRODUCT] : [EMPTY_PRODUCT, PRODUCT];
      const [a = NaN, b = NaN] = await one.extension.activate(order);
      activations.push(which === 'ours' ? { ours: a, empty: b } : { ours: b, empty: a });
      await one.window.page.waitForTimeout(2 * REST);
      await rest(one);
      times[which] = await go(one, which === 'ours' ? OURS : EMPTY);
      // The other's first is not counted: VS Code has begun with webviews already.
      await pair(one, which === 'empty');
      for (let k = 0; k < turns; k++) again.push(await pair(one, k % 2 === 0));
      await one.close();
    }
    first.push(times);
  }
  printPixels('the first time in a window', first);
  printPixels('again', again);
  print({
    group: GROUP,
    name: 'activation: loading the code until activate() returns',
    peer: 'an empty extension',
    value: median(activations.map(({ ours, empty }) => ours - empty)),
    unit: 'ms more',
    must: 30,
    aim: 10,
    ours_ms: median(activations.map(({ ours }) => ours)),
    peer_ms: median(activations.map(({ empty }) => empty)),
    most_ms: Math.max(...activations.map(({ ours, empty }) => ours - empty)),
    windows: activations.length,
  });
}
