/** A text of 20 KB to trace: words without sense, so that no two places are alike. */
import { seededRandom } from '../../engine/randomNetwork';

export const TEXT_BYTES = 20_000;
const LINE = 70;
const LETTERS = 'etaoinshrdlucmfwypvbgkjqxz';

export function text(bytes = TEXT_BYTES): string {
  const random = seededRandom(5);
  let all = '';
  let line = '';
  while (all.length < bytes) {
    // Common letters come more often, as in a language.
    const letters = Array.from({ length: 1 + Math.floor(random() * 9) }, () => LETTERS[Math.floor(26 * random() ** 2)]);
    line += `${line === '' ? '' : ' '}${letters.join('')}`;
    if (line.length < LINE) continue;
    all += `${line}\n`;
    line = '';
  }
  return all.slice(0, bytes);
}

export const LINES = (content: string): number => content.split('\n').length;
