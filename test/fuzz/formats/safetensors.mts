/** safetensors: sizes, offsets and names of the header are changed, and its length follows or lies. */
import { readFileSync } from 'node:fs';
import type { FuzzFormat } from '../format';
import { below, pick, type Random } from '../random';

const FOLDER = 'test/fixtures/pytorch/';
const SEEDS = [
  'files/lstm-float16.safetensors',
  'files/tied.safetensors',
  'files/lstm-float64.safetensors',
  'rnn-tanh-2x7.safetensors',
];

const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '4',
  '5',
  '12',
  '16',
  '20',
  '-1',
  '1e9',
  '4294967296',
  '9007199254740993',
  '1e400',
  '0.5',
];
const WORDS = [
  '"F16"',
  '"F32"',
  '"BF16"',
  '"F64"',
  '"I64"',
  '"F8_E4M3"',
  '"bytes"',
  'null',
  '{}',
  '[]',
  '""',
  '"rnn.weight_ih_l0"',
];

/** Replaces one number or text of the JSON by another. */
function changed(json: string, random: Random): string {
  const places = [...json.matchAll(random() < 0.6 ? /-?\d+/gu : /"[^"]*"/gu)];
  if (places.length === 0) return json;
  const place = pick(random, places);
  const by = random() < 0.5 ? pick(random, places)[0] : pick(random, /\d/u.test(place[0][0] ?? '') ? NUMBERS : WORDS);
  return json.slice(0, place.index) + by + json.slice(place.index + place[0].length);
}

export const format: FuzzFormat = {
  name: 'safetensors',
  seeds: () => SEEDS.map((name) => ({ name, bytes: Uint8Array.from(readFileSync(FOLDER + name)) })),
  mutate: (bytes, random) => {
    const length = Number(Buffer.from(bytes).readBigUInt64LE(0));
    let json = Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8');
    for (let count = 1 + below(random, 3); count > 0; count--) json = changed(json, random);
    const header = Buffer.from(json);
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(header.length + (random() < 0.1 ? below(random, 9) - 4 + 4 : 0)));
    return Uint8Array.from(Buffer.concat([start, header, bytes.subarray(8 + length)]));
  },
};
