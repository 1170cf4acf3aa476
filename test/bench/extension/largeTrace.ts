/**
 * A trace of any length that a formula answers for, cheaply: its bytes are cut from a megabyte of noise that was made
 * once, so that what is measured is the page and the way to it.
 */
import { DERIVED, SIGNALS, type HeatName } from '../../../src/shared/signals';
import {
  TILE_COLUMNS,
  type Extent,
  type Glyph,
  type ModelInfo,
  type Tile,
  type TileRequest,
} from '../../../src/shared/trace';
import type { ViewHostApi } from '../../../src/shared/viewApi';
import type { Choices } from '../../../webview/choices';
import type { LargeTrace } from './api';

const TRACE = 1;
const NOISE_BYTES = 2 ** 20;
/** Tokens a line of text, the break among them. */
const LINE = 60;
const WORD = 7;
const BASE_LEVEL = 3;

const noise = new Uint8Array(NOISE_BYTES);
let state = 1;
for (let n = 0; n < NOISE_BYTES; n++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise[n] = state >>> 24;
}

/** Where in the noise a place begins. */
function startOf(length: number, ...key: readonly number[]): number {
  let hash = 17;
  for (const part of key) hash = Math.imul(hash ^ part, 0x85ebca6b) ^ (hash >>> 13);
  return (hash >>> 0) % Math.max(1, NOISE_BYTES - length);
}

const values = (length: number, ...key: readonly number[]): Uint8Array => {
  const start = startOf(length, ...key);
  return noise.slice(start, start + length);
};

/** -1 to 1. */
const floats = (length: number, ...key: readonly number[]): Float32Array =>
  Float32Array.from(values(length, ...key), (byte) => byte / 127.5 - 1);

function extent(length: number, ...key: readonly number[]): Extent {
  const mean = floats(length, ...key);
  return { min: mean.map((value) => value - 0.1), mean, max: mean.map((value) => value + 0.1) };
}

const names: readonly (HeatName | 'loss')[] = [
  'loss',
  ...SIGNALS.lstm.map(({ name }) => name),
  ...DERIVED.lstm.map(({ name }) => name),
];

const ends = (signal: HeatName | 'loss'): readonly [lo: number, hi: number] => {
  if (signal === 'loss') return [0, 12];
  const { scale } = [...SIGNALS.lstm, ...DERIVED.lstm].find(({ name }) => name === signal) ?? { scale: 'free' };
  if (scale === 'gate') return [0, 1];
  return scale === 'signed' ? [-1, 1] : [-4, 4];
};

const letter = (token: number): string => {
  if (token % LINE === LINE - 1) return '\n';
  return token % WORD === WORD - 1 ? ' ' : String.fromCharCode(97 + (token % 26));
};

const glyph = (token: number): Glyph => ({ text: letter(token), token, count: 1, start: token });

function tile({ layer, signal, level, index, rows = 0, group = 1, of = 'mean' }: TileRequest, trace: LargeTrace): Tile {
  const columns = Math.max(0, Math.min(TILE_COLUMNS, Math.ceil(trace.tokens / 2 ** level) - index * TILE_COLUMNS));
  const height = signal === 'loss' ? 1 : Math.ceil(trace.units / group);
  const [lo, hi] = ends(signal);
  const key = [layer, names.indexOf(signal), level, index, rows, group, of.length];
  return { columns, rows: height, final: true, lo, hi, values: values(height * columns, ...key) };
}

export function largeModel({ units }: LargeTrace): ModelInfo {
  const layer = { name: 'l0', cell: 'lstm' as const, inputSize: 256, units };
  return {
    id: 1,
    name: 'formula',
    file: 'formula.safetensors',
    architecture: `LSTM 1 × ${String(units)}`,
    tokenizer: 'bytes',
    layers: [{ ...layer, signals: SIGNALS.lstm, derived: DERIVED.lstm }],
    parameters: 4 * units * (units + 257),
    predicts: true,
    description: undefined,
    warnings: [],
  };
}

/** Six heatmaps, the signals of an LSTM, by unit. */
const SIX: Choices = {
  version: 2,
  tracks: SIGNALS.lstm.map(({ name }) => ({ signal: name })),
  rows: { order: 'index', filter: '', pins: {} },
  shades: {},
  of: 'spikes',
  inspector: 'values',
};

/** @param looked the page looks elsewhere */
export function largeTrace(
  trace: LargeTrace,
  looked: (look: { readonly from: number; readonly to: number }) => void,
): ViewHostApi {
  const { tokens, units } = trace;
  const model = largeModel(trace);
  const signals = SIGNALS.lstm;
  return {
    ready: () => ({
      scene: {
        kind: 'trace',
        info: { id: TRACE, model, tokens, textLength: tokens, baseLevel: BASE_LEVEL, notes: [] },
        progress: { id: TRACE, done: tokens, state: 'done', meanLoss: 1.5 },
        title: 'formula.txt',
        stale: undefined,
      },
      choices: SIX,
      look: undefined,
      tiles: [],
    }),
    tile: (request) => tile(request, trace),
    arrange: (_trace, _layer, { pins }) => ({
      id: 0,
      units: Uint16Array.from({ length: units }, (_, unit) => unit),
      pinned: pins.length,
      merges: [],
      clusters: [],
    }),
    column: ({ layer, signals: asked, level, column }) => ({
      first: column * 2 ** level,
      count: Math.min(2 ** level, tokens - column * 2 ** level),
      values: asked.map((signal) => extent(signal === 'loss' ? 1 : units, layer, names.indexOf(signal), level, column)),
    }),
    series: ({ layer, unit, signals: asked, level, first, columns }) => {
      const there = Math.max(0, Math.min(columns, Math.ceil(tokens / 2 ** level) - first));
      return {
        first,
        columns: there,
        values: asked.map((signal) => extent(there, layer, unit, names.indexOf(signal), level, first)),
      };
    },
    row: (_trace, token) => ({
      token,
      label: letter(token),
      glyph: glyph(token),
      loss: token === 0 ? undefined : 1.5,
      layers: [signals.map((_, n) => floats(units, n, token))],
      before: [floats(units, signals.length, token)],
    }),
    glyphs: (_trace, from, to) => {
      const first = Math.max(0, from);
      return Array.from({ length: Math.max(0, Math.min(to, tokens) - first) }, (_, n) => glyph(first + n));
    },
    lines: (_trace, from, to, most) => {
      const first = Math.ceil(Math.max(0, from) / LINE);
      const last = Math.ceil(Math.min(to, tokens) / LINE);
      const step = 10 ** Math.max(0, Math.ceil(Math.log10((last - first) / Math.max(1, most))));
      const start = Math.ceil(first / step) * step;
      const found = Array.from({ length: Math.max(0, Math.ceil((last - start) / step)) }, (_, n) => start + n * step);
      return {
        tokens: Int32Array.from(found, (line) => line * LINE),
        numbers: Int32Array.from(found, (line) => line + 1),
        total: Math.ceil(tokens / LINE),
      };
    },
    guesses: (_trace, from, to) =>
      Array.from({ length: Math.max(0, Math.min(to, tokens, from + 1024) - from) }, (_, n) => {
        const token = from + n;
        const actual = token + 1 < tokens ? { label: letter(token + 1), probability: 0.4 } : undefined;
        return { token, label: letter(token + 1), probability: 0.4, actual };
      }),
    why: (_trace, token, layer, unit) => ({ token, layer, unit, gates: [] }),
    jump: ({ from, to }) => {
      if (to === 'largest') return Math.floor(tokens / 3);
      const token = from + (to === 'next' ? 1000 : -1000);
      return token >= 0 && token < tokens ? token : undefined;
    },
    look: (_trace, look) => {
      looked(look);
    },
    pictured: () => undefined,
    reveal: () => undefined,
    remember: () => undefined,
    copy: () => 0,
    savePicture: () => false,
    run: () => undefined,
  };
}
