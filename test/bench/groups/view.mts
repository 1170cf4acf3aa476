/**
 * The heatmap in the real VS Code: the packaged product in the server's own window, driven in headless Chromium, which
 * draws by the processor. Its package is changed in one thing: it is not activated by itself at the end of VS Code's start,
 * so that activation can be timed by itself. What each row times is said in view/*.ts; `must` and `aim` hold for its `ratio` or `value`.
 * `--quick` makes few repetitions; `--only NAME` one part of `starts`, `hover`, `frames`, `bytes`.
 */
import { cpus } from 'node:os';
import { startBench, type Bench } from '../benchWindow';
import { bytes } from '../view/bytes';
import { frames, FRAME_FLAGS } from '../view/frames';
import { hovers, HOVER_SETTINGS } from '../view/hover';
import { CONSTANT, TRACED } from '../view/names';
import { starts } from '../view/starts';
import { LINES, text } from '../view/text';

const QUICK = process.argv.includes('--quick');
const at = process.argv.indexOf('--only');
const only = at < 0 ? undefined : process.argv[at + 1];

const content = text();
const files = { [TRACED]: content, [CONSTANT]: content };

async function part(
  names: readonly string[],
  flags: readonly string[],
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  if (only !== undefined && !names.includes(only)) return;
  const bench = await startBench(files, HOVER_SETTINGS, flags);
  try {
    await run(bench);
  } finally {
    await bench.stop();
  }
}

console.error(`${cpus()[0]?.model ?? 'unknown processor'}, ${String(cpus().length)} cores, Node ${process.version}`);
await part(['starts', 'hover'], [], async (bench) => {
  if (only !== 'hover') await starts(bench, QUICK ? 1 : 3, QUICK ? 1 : 2);
  if (only !== 'starts') await hovers(bench, QUICK ? 12 : 60, LINES(content));
});
await part(['frames', 'bytes'], FRAME_FLAGS, async (bench) => {
  if (only !== 'bytes') await frames(bench, QUICK ? 1 : 4, QUICK ? 20 : 30);
  if (only !== 'frames') await bytes(bench);
});
