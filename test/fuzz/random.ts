/** Choices from a random source in [0, 1), so that a case is made again from its seed. */
export { seededRandom } from '../engine/randomNetwork';

export type Random = () => number;

/** A whole number in [0, below). */
export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** @throws Error for an empty list */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

/** FNV-1a, to give each format its own row of seeds. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
