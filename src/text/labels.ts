/** How a token is written for people. */

const NAMED: Readonly<Record<number, string>> = { 0x09: '⇥', 0x0a: '↵', 0x0d: '␍', 0x20: '␣', 0x7f: '␡' };

/** A visible character for ASCII, a control picture for its control codes, `⟨E6⟩` for a byte of a longer sequence. */
export function byteLabel(byte: number): string {
  const named = NAMED[byte];
  if (named !== undefined) return named;
  if (byte < 0x20) return String.fromCodePoint(0x2400 + byte);
  if (byte < 0x7f) return String.fromCodePoint(byte);
  return `⟨${byte.toString(16).toUpperCase().padStart(2, '0')}⟩`;
}

/** A longer one is cut: a label is for a glance. */
const MOST_LABEL = 40;

/** The text of a token with its spaces, ends of lines and controls as signs. @param id shown for an empty text */
export function textLabel(text: string, id: number): string {
  if (text === '') return `#${String(id)}`;
  const cut = text.length > MOST_LABEL ? `${text.slice(0, MOST_LABEL - 1)}…` : text;

  return cut.replaceAll(/[\x00-\x20\x7F]/gu, (c) => byteLabel(c.charCodeAt(0)));
}
