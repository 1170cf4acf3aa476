/** How a byte token is written for people. */

const NAMED: Readonly<Record<number, string>> = { 0x09: '⇥', 0x0a: '↵', 0x0d: '␍', 0x20: '␣', 0x7f: '␡' };

/** A visible character for ASCII, a control picture for its control codes, `⟨E6⟩` for a byte of a longer sequence. */
export function byteLabel(byte: number): string {
  const named = NAMED[byte];
  if (named !== undefined) return named;
  if (byte < 0x20) return String.fromCodePoint(0x2400 + byte);
  if (byte < 0x7f) return String.fromCodePoint(byte);
  return `⟨${byte.toString(16).toUpperCase().padStart(2, '0')}⟩`;
}
