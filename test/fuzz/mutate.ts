/** Changes that break any binary format: flipped bytes, cuts, copies, fields that could be lengths. */
import { below, pick, type Random } from './random';

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** Numbers on the edges of what fields hold. */
const EDGES = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

function flips(bytes: Uint8Array, random: Random): Uint8Array {
  const out = bytes.slice();
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const at = below(random, out.length);
    const old = out[at] ?? 0;
    out[at] = pick(random, [old ^ (1 << below(random, 8)), below(random, 256), 0, 0xff, old + 1, old - 1]);
  }
  return out;
}

const cut: Mutation = (bytes, random) => bytes.slice(0, below(random, bytes.length));

function copy(bytes: Uint8Array, random: Random, from: Uint8Array): Uint8Array {
  const start = below(random, from.length);
  const chunk = from.slice(start, start + 1 + below(random, Math.min(64, from.length)));
  const at = below(random, bytes.length + 1);
  const replaced = random() < 0.5 ? chunk.length : 0;
  return join(bytes.slice(0, at), chunk, bytes.slice(at + replaced));
}

const remove: Mutation = (bytes, random) => {
  const at = below(random, bytes.length);
  return join(bytes.slice(0, at), bytes.slice(at + 1 + below(random, 32)));
};

/** Sets 1, 2, 4 or 8 bytes to a number on an edge, or near the file's own size. */
const field: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const size = pick(random, [1, 2, 4, 8]);
  if (out.length < size) return out;
  const value = random() < 0.7 ? pick(random, EDGES) : BigInt(Math.max(0, out.length + below(random, 9) - 4));
  const at = below(random, out.length - size + 1);
  const littleEndian = random() < 0.8;
  for (let k = 0; k < size; k++) {
    out[at + (littleEndian ? k : size - 1 - k)] = Number((value >> BigInt(8 * k)) & 0xffn);
  }
  return out;
};

/** Swaps two digits' worth of text: sizes, shapes and offsets in JSON or in text opcodes. */
const digits: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const places = [...out.keys()].filter((at) => (out[at] ?? 0) >= 0x30 && (out[at] ?? 0) <= 0x39);
  if (places.length > 0) out[pick(random, places)] = 0x30 + below(random, 10);
  return out;
};

const MUTATIONS: readonly Mutation[] = [
  flips,
  flips,
  cut,
  (bytes, random) => copy(bytes, random, bytes),
  (bytes, random, other) => copy(bytes, random, other),
  remove,
  field,
  field,
  digits,
];

/** One to three changes. @param other another whole file of the format @param own the format's own change */
export function mutated(
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
  own?: (bytes: Uint8Array, random: Random) => Uint8Array,
): Uint8Array {
  let out = bytes;
  for (let count = pick(random, [1, 1, 1, 2, 3]); count > 0; count--) {
    // A format's own change comes first, for it needs a file that is still whole.
    if (own && out === bytes && random() < 0.6) out = own(out, random);
    else if (out.length > 0) out = pick(random, MUTATIONS)(out, random, other);
  }
  return out;
}
