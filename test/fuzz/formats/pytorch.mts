/**
 * PyTorch's files. A zip is taken apart, its pickle changed and put together again, so that changes reach the pickle
 * machine; opcodes are swapped for others, and calls for those that attackers write.
 */
import { readFileSync } from 'node:fs';
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { OP } from '../../../src/models/pytorch/opcodes';
import type { FuzzFormat } from '../format';
import { below, pick, type Random } from '../random';

const FOLDER = 'test/fixtures/pytorch/files/';
const SEEDS = [
  'lstm-2.pt',
  'gru-3-bidirectional-legacy.pt',
  'lstm-proj-bidirectional.pt',
  'checkpoint-vocab.pt',
  'checkpoint-onehot-legacy.pth',
  'whole-rnn-relu-sequential.pt',
  'whole-lstm-legacy.pt',
  'strided.pt',
  'gru-protocol4.pt',
  'gru-float8.pt',
  'cells.pt',
  'words-classes.pt',
];

const OPCODES = Object.values(OP);

/** What a hostile pickle says; each leaves one value. */
const CHUNKS = [
  'cos\nsystem\n(S"true"\ntR',
  'cbuiltins\ngetattr\n(cos\nS"system"\ntR',
  'cbuiltins\neval\n(S"1"\ntR}b',
  ']]]]]]]',
  '((((((((',
  '}(',
  '2222',
  '(K\x01K\x02ld',
  'h\x00h\x01h\x02',
  'N\x85\x85\x85\x85',
  '\x8a\xff',
  'B\xff\xff\xff\x7f',
  'X\xff\xff\xff\xff',
].map((text) => Buffer.from(text, 'latin1'));

const SIZES = [0, 1, 2, 3, 4, 5, 16, 255];

function pickleChanged(pickle: Uint8Array, random: Random): Uint8Array {
  const out = Buffer.from(pickle);
  const at = below(random, out.length);
  switch (below(random, 5)) {
    case 0:
      out[at] = pick(random, OPCODES);
      return out;
    case 1:
      return Buffer.concat([out.subarray(0, at), pick(random, CHUNKS), out.subarray(at)]);
    case 2: {
      // An integer of one byte: a size, a stride, an offset.
      const places = [...out.keys()].filter((place) => out[place] === OP.BININT1);
      if (places.length > 0) out[pick(random, places) + 1] = pick(random, SIZES);
      return out;
    }
    case 3: {
      // One kept value for another: objects that lie in themselves.
      const places = [...out.keys()].filter((place) => out[place] === OP.BINGET);
      if (places.length > 0) out[pick(random, places) + 1] = below(random, 64);
      return out;
    }
    default: {
      const end = at + 1 + below(random, 40);
      return Buffer.concat([out.subarray(0, end), out.subarray(at)]);
    }
  }
}

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

function zipChanged(bytes: Uint8Array, random: Random): Uint8Array {
  const entries = unzipSync(bytes);
  const names = Object.keys(entries);
  const pickle = names.find((name) => name.endsWith('data.pkl')) ?? '';
  const content = entries[pickle];
  if (content && random() < 0.8) entries[pickle] = Uint8Array.from(pickleChanged(content, random));
  if (random() < 0.2) {
    const name = pick(random, names);
    const data = entries[name] ?? new Uint8Array(0);
    entries[name] =
      random() < 0.5 ? data.slice(0, below(random, data.length + 1)) : new Uint8Array(below(random, 1000));
  }
  if (random() < 0.1)
    entries[pickle.replace('data.pkl', 'byteorder')] = Buffer.from(pick(random, ['big', 'little', 'odd']));
  const level = pick(random, [0, 0, 6] as const);
  const packed: Zippable = Object.fromEntries(Object.entries(entries).map(([name, data]) => [name, [data, { level }]]));
  return zipSync(packed);
}

export const format: FuzzFormat = {
  name: 'pytorch',
  seeds: () => SEEDS.map((name) => ({ name, bytes: Uint8Array.from(readFileSync(FOLDER + name)) })),
  mutate: (bytes, random) => (isZip(bytes) ? zipChanged(bytes, random) : Uint8Array.from(pickleChanged(bytes, random))),
};
