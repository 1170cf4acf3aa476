/** Seeds of HDF5 and .keras files, and changes that get past their first checks. */
import { readFileSync } from 'node:fs';
import type { FuzzFormat } from '../format';

const FOLDER = 'test/fixtures/keras';

const SEEDS = [
  'lstm.h5',
  'lstm.keras',
  'lstm.weights.h5',
  'gru-before.h5',
  'bi-concat.keras',
  'functional.h5',
  'keras0-gru-weights.h5',
  'keras1-lstm.h5',
  'keras2-functional.h5',
  'cudnn.h5',
  'tf-keras2.keras',
] as const;

/** Names of structures; behind one lie its version, counts and addresses. */
const SIGNATURES = [
  'OHDR',
  'OCHK',
  'TREE',
  'SNOD',
  'HEAP',
  'GCOL',
  'FRHP',
  'FHDB',
  'FHIB',
  'BTHD',
  'BTLF',
  'FADB',
  'PK',
].map((text) => new TextEncoder().encode(text));

const NEAR = 64;

/** Numbers that are at the edge of something. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0xffffffff] as const;

function placesOf(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (SIGNATURES.some((signature) => signature.every((letter, k) => bytes[at + k] === letter))) places.push(at);
  }
  return places;
}

/** An HDF5 file of superblock 0 says where it ends; so that a cut file is not refused for that alone, it is told again. */
function mendEnd(bytes: Uint8Array): void {
  if (bytes[0] === 0x89 && bytes[8] === 0 && bytes.length > 48) {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(40, bytes.length, true);
  }
}

function mutate(seed: Uint8Array, random: () => number): Uint8Array {
  const below = (most: number): number => Math.floor(random() * most);
  let bytes = new Uint8Array(seed);
  const places = placesOf(bytes);
  const changes = 1 + below(4);
  for (let k = 0; k < changes; k++) {
    const near = places[below(places.length)] ?? 0;
    const at = Math.min(bytes.length - 9, random() < 0.7 ? near + below(NEAR) : below(bytes.length));
    if (at < 0) break;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    switch (below(6)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        break;
      case 2:
        view.setUint32(at, EDGES[below(EDGES.length)] ?? 0, true);
        break;
      case 3:
        // An address of something else: circles, and structures in place of others.
        view.setUint32(at, places[below(places.length)] ?? 0, true);
        view.setUint32(at + 4, 0, true);
        break;
      case 4: {
        const from = places[below(places.length)] ?? 0;
        bytes.copyWithin(at, from, Math.min(bytes.length, from + below(NEAR)));
        break;
      }
      default:
        if (random() < 0.2) bytes = bytes.slice(0, 1 + below(bytes.length));
        mendEnd(bytes);
    }
  }
  return bytes;
}

export const format: FuzzFormat = {
  name: 'keras',
  seeds: () => SEEDS.map((name) => ({ name, bytes: new Uint8Array(readFileSync(`${FOLDER}/${name}`)) })),
  mutate,
};
