/**
 * From the pointer's move onto a character to the frame in which the editor's hover shows what was asked for: on a traced
 * text, over the same text in the editor beside it, whose language has a hover that returns a constant. VS Code's own
 * delay (`editor.hover.delay`, here 10 ms) is in both. Places are at random all over the text, so that ours has to
 * compute windows again; every few hovers another page of it is scrolled into sight.
 */
import { seededRandom } from '../../engine/randomNetwork';
import type { Box } from '../page/turns';
import type { Bench, BenchWindow } from '../benchWindow';
import { median, percentile, print } from '../pairs';
import { CONSTANT, GROUP, PRODUCT, TRACED } from './names';

export const HOVER_SETTINGS = {
  'editor.hover.delay': 10,
  'editor.hover.hidingDelay': 10,
  'editor.minimap.enabled': false,
};

const PER_PAGE = 4;
/** Milliseconds in which a page that was scrolled is drawn. */
const DRAWN = 250;

interface Side {
  readonly name: string;
  readonly column: 1 | 2;
  /** What the hover says. */
  readonly says: string;
}

const OURS: Side = { name: TRACED, column: 1, says: 'Show in Heatmap' };
const PEER: Side = { name: CONSTANT, column: 2, says: 'A constant.' };

/** Moves the pointer away from all text until no hover shows. */
async function away({ window, ask }: BenchWindow): Promise<void> {
  const { page } = window;
  await page.mouse.move(700, 5);
  while (await ask<boolean>(page.mainFrame(), 'hoverShown')) await page.waitForTimeout(20);
}

async function hoverOnce(one: BenchWindow, side: Side, random: () => number): Promise<number> {
  const { page } = one.window;
  await away(one);
  const boxes = await one.ask<readonly Box[]>(page.mainFrame(), 'lines', side.column);
  const inSight = boxes.filter(({ y, width }) => y > 100 && y < 800 && width > 100);
  const box = inSight[Math.floor(random() * inSight.length)];
  if (box === undefined) throw new Error(`No line of ${side.name} is in sight.`);
  const shown = one.ask<number>(page.mainFrame(), 'hover', side.says);
  // The probe listens before the pointer moves.
  await page.waitForTimeout(30);
  await page.mouse.move(box.x + box.width * (0.1 + 0.8 * random()), box.y + box.height / 2);
  return shown;
}

export async function hovers(bench: Bench, count: number, lines: number): Promise<void> {
  const one = await bench.open();
  const { window, extension } = one;
  await extension.activate([PRODUCT]);
  await extension.openText(CONSTANT, 2, 1);
  await extension.openText(TRACED, 1, 1);
  await extension.execute('gatescope.trace');
  await extension.execute('workbench.action.closeSidebar');
  const random = seededRandom(11);
  const [ours, peer]: [number[], number[]] = [[], []];
  for (let n = 0; n < count + 2; n++) {
    if (n % PER_PAGE === 0) {
      const line = 1 + Math.floor(random() * (lines - 40));
      for (const side of [PEER, OURS]) await extension.openText(side.name, side.column, line);
      await window.page.waitForTimeout(DRAWN);
    }
    const times = { ours: 0, peer: 0 };
    for (const which of n % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      times[which] = await hoverOnce(one, which === 'ours' ? OURS : PEER, random);
    }
    // The first of each draw what is then kept.
    if (n < 2) continue;
    ours.push(times.ours);
    peer.push(times.peer);
  }
  await one.close();
  print({
    group: GROUP,
    name: 'hover, pointer to value, 95th percentile',
    peer: 'a hover that returns a constant',
    ratio: percentile(ours, 0.95) / percentile(peer, 0.95),
    must: 2,
    aim: 1.2,
    ours_ms: percentile(ours, 0.95),
    peer_ms: percentile(peer, 0.95),
    ours_median_ms: median(ours),
    peer_median_ms: median(peer),
    delay_ms: HOVER_SETTINGS['editor.hover.delay'],
    hovers: ours.length,
  });
}
