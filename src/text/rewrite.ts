/** The rewritings of a text that tokenizers ask for, each aligned with what it was made from. */
import { Aligned, Rewriting } from './aligned';
import { BREATH_UNITS, type Breathe } from './tracedText';

export type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Units taken at a time where nothing stands out. */
const STRIDE = 2 ** 15;

/** Pieces of the text, cut so that no surrogate pair is halved. */
function* strides(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + STRIDE);
    if (end < text.length && isHigh(text.charCodeAt(end - 1))) end--;
    yield text.slice(at, end);
    at = end;
  }
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** As each character by itself: a final sigma is like any other. */
const lower = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase();

export async function lowercase(old: Aligned, breathe: Breathe): Promise<Aligned> {
  const to = new Rewriting(old);
  for (const part of strides(old.text)) {
    const lowered = lower(part);
    if (lowered.length === part.length) to.keep(part.length, lowered);
    else {
      for (const character of part) {
        const one = lower(character);
        if (one.length === character.length) to.keep(character.length, one);
        else to.replace(character.length, one);
      }
    }
    await breathe();
  }
  return to.finish();
}

/** What may change together: characters behind an ASCII character never join with it unless they are not ASCII. */
const RUNS = /[^\x00-\x7F]+/gu;

/** Characters that may join with the one before: marks, and the later letters of a Korean syllable. */
const CLUSTERS = /[^\p{M}\u1160-\u11FF][\p{M}\u1160-\u11FF]*|[\p{M}\u1160-\u11FF]+/gu;

/** Unicode's normalisation, cluster by cluster. */
export async function unicodeForm(old: Aligned, form: Form, breathe: Breathe): Promise<Aligned> {
  const { text } = old;
  const to = new Rewriting(old);
  const runs = new RegExp(RUNS);
  let breath = 0;
  for (let run = runs.exec(text); run !== null; run = runs.exec(text)) {
    // A mark joins with the letter before the run.
    const start = Math.max(to.at, run.index - 1);
    const end = run.index + run[0].length;
    to.keep(start - to.at);
    for (const part of strides(text.slice(start, end))) {
      if (part.normalize(form) === part) to.keep(part.length);
      else normaliseClusters(to, part, form);
      await breathe();
    }
    if (end - breath > BREATH_UNITS) {
      await breathe();
      breath = end;
    }
  }
  return to.finish();
}

function normaliseClusters(to: Rewriting, part: string, form: Form): void {
  const clusters = part.match(CLUSTERS) ?? [];
  const parts = clusters.map((cluster) => cluster.normalize(form));
  // Should a script join in another way, the whole is one cluster: coarser, never wrong.
  const whole = part.normalize(form);
  if (parts.join('') !== whole || clusters.join('') !== part) {
    to.replace(part.length, whole);
    return;
  }
  for (const [index, cluster] of clusters.entries()) {
    const made = parts[index] ?? '';
    if (made === cluster) to.keep(cluster.length);
    else to.replace(cluster.length, made);
  }
}

/** Replaces what a pattern finds. @param pattern global */
export async function replaceAll(
  old: Aligned,
  pattern: RegExp,
  by: string | ((found: string) => string),
  breathe: Breathe,
): Promise<Aligned> {
  const { text } = old;
  const to = new Rewriting(old);
  const search = new RegExp(pattern);
  let breath = 0;
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const { length } = match[0];
    if (length === 0) search.lastIndex++;
    const content = typeof by === 'string' ? by : by(match[0]);
    to.keep(match.index - to.at);
    // One unit for another keeps the texts in step.
    if (length === 1 && content.length === 1) to.keep(1, content);
    else to.replace(length, content);
    if (match.index - breath > BREATH_UNITS) {
      await breathe();
      breath = match.index;
    }
  }
  return to.finish();
}

export const prepend = (old: Aligned, text: string): Aligned => {
  if (old.text === '') return old;
  const to = new Rewriting(old);
  to.replace(0, text);
  return to.finish();
};

/** Rust's White_Space, which is not quite JavaScript's. */
export const SPACE = '\\p{White_Space}';

export function strip(old: Aligned, left: boolean, right: boolean): Aligned {
  const leading = left ? (new RegExp(`^${SPACE}+`, 'u').exec(old.text)?.[0].length ?? 0) : 0;
  let end = old.text.length;
  if (right) while (end > leading && new RegExp(SPACE, 'u').test(old.text.charAt(end - 1))) end--;
  if (leading === 0 && end === old.text.length) return old;
  const to = new Rewriting(old);
  to.replace(leading, '');
  to.keep(end - leading);
  to.replace(old.text.length - end, '');
  return to.finish();
}
