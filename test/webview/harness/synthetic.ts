/** Traces made up by formula, of any length: gates that look like those of a trained cell, without a model. */
import type { CellKind, HeatName, SignalName } from '../../../src/shared/signals';
import { DERIVED, memoryOf, SIGNALS } from '../../../src/shared/signals';
import type { Glyph, Guess, Lines, ModelInfo, Tile, TileRequest, TokenRow } from '../../../src/shared/trace';
import { TILE_COLUMNS } from '../../../src/shared/trace';

const SAMPLE = `function longest(words: string[]): string {
  // "best" so far, and how long it is
  let best = "";
  for (const word of words) {
    if (word.length > best.length) { best = word; }
  }
  return best;
}

我是一个中国人，从小在北京长大，后来去了很多地方。
我会说中文，也会说一点法语。

When the age in memory was 18, and a year has gone by, the cell forgets 18 and writes 19:
what is kept is kept nearly whole, "and so is the gradient on its way back".

\tif (gate < 0.5) forget(cell);
\telse keep(cell); // 🙂
`;

const encoder = new TextEncoder();

/** A hash of two whole numbers, 0…1. */
function noise(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** Places of values that lie beyond all others by more than four deviations, above (1) or below (-1). */
function outlying(values: readonly number[], side: 1 | -1): ReadonlySet<number> {
  const middle = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / values.length);
  return new Set(values.flatMap((x, i) => (side * (x - middle) > 4 * deviation ? [i] : [])));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export interface Synthetic {
  readonly model: ModelInfo;
  readonly tokens: number;
  readonly textLength: number;
  /** @param units of the rows, and how many of them are pinned; all by number where absent */
  tile(request: TileRequest, done: number, rows?: { readonly units: ArrayLike<number>; readonly pinned: number }): Tile;
  lines(from: number, to: number, most: number): Lines;
  guesses(from: number, to: number): readonly Guess[];
  row(token: number): TokenRow;
  glyphs(from: number, to: number): readonly Glyph[];
  value(layer: number, signal: HeatName, unit: number, token: number): number;
  loss(token: number): number;
}

export interface SyntheticOptions {
  readonly tokens: number;
  readonly cell: CellKind;
  readonly layers: number;
  readonly units: number;
  /** One token of this size in the loss and in every unit, to be looked for from afar. */
  readonly spike?: number;
  readonly text?: string;
}

export function synthesise(options: SyntheticOptions): Synthetic {
  const { tokens, cell, units } = options;
  const sample = options.text ?? SAMPLE;
  const characters = Array.from(new Intl.Segmenter().segment(sample), ({ segment }) => segment);
  const cycle: Glyph[] = [];
  let [at, start] = [0, 0];
  for (const text of characters) {
    const count = encoder.encode(text).length;
    cycle.push({ text, token: at, count, start });
    at += count;
    start += text.length;
  }
  const period = at;
  const byToken: Glyph[] = cycle.flatMap((glyph) => Array.from({ length: glyph.count }, () => glyph));
  const bytes = encoder.encode(sample);

  const glyphAt = (token: number): Glyph => {
    const turn = Math.floor(token / period);
    const glyph = byToken[token % period] ?? { text: '?', token: 0, count: 1, start: 0 };
    return { ...glyph, token: glyph.token + turn * period, start: glyph.start + turn * sample.length };
  };
  // What a cell could track: word ends, quotes, brackets, the place in the line.
  const features = cycle
    .flatMap((glyph) => Array.from({ length: glyph.count }, () => glyph))
    .map((glyph, i, all) => {
      let [quote, depth, column] = [0, 0, 0];
      for (let j = 0; j <= i; j++) {
        const text = all[j]?.text ?? '';
        if (text === '"') quote = 1 - quote;
        if ('([{'.includes(text)) depth++;
        if (')]}'.includes(text)) depth = Math.max(0, depth - 1);
        column = text === '\n' ? 0 : column + 1;
      }
      const space = /\s/.test(glyph.text) ? 1 : 0;
      const letter = /[a-z]/i.test(glyph.text) ? 1 : 0;
      const wide = glyph.count > 1 ? 1 : 0;
      return [quote, Math.min(depth, 4) / 3, Math.min(column, 80) / 60, space, letter, wide];
    });

  const drive = (layer: number, seed: number, unit: number, token: number): number => {
    const key = unit + 1009 * layer + 7919 * seed;
    const now = features[token % period] ?? [];
    let x = (noise(key, 0) - 0.5) * 2.4;
    for (let k = 0; k < 6; k++) {
      const weight = noise(key, k + 1) - 0.5;
      x += 5.5 * weight * Math.abs(weight) * 2 * (now[k] ?? 0);
    }
    const slow = Math.sin(token * (0.02 + 0.5 * noise(key, 9) ** 3) + 6.3 * noise(key, 10));
    const byte = noise(key, 20 + (bytes[token % period] ?? 0)) - 0.5;
    return x + 0.7 * slow + 1.7 * byte;
  };

  const stored = (layer: number, signal: SignalName, unit: number, token: number): number => {
    if (options.spike === token) return signal === 'cell' ? 6 : 1;
    if (signal === 'input') return sigmoid(1.3 * drive(layer, 1, unit, token) - 0.6);
    if (signal === 'forget') return sigmoid(1.2 * drive(layer, 2, unit, token) + 1.8);
    if (signal === 'candidate') return Math.tanh(0.9 * drive(layer, 3, unit, token));
    if (signal === 'output') return sigmoid(1.3 * drive(layer, 4, unit, token) - 0.2);
    if (cell === 'rnn') return Math.tanh(1.2 * drive(layer, 5, unit, token));
    // The belt: a short look back stands for the whole past, so that any token can be had at once.
    let c = 0.9 * drive(layer, 6, unit, token);
    const gain = 0.35 + 2.2 * noise(unit, 77) ** 4;
    for (let back = 3; back >= 0; back--) {
      const t = Math.max(0, token - back);
      const forget = sigmoid(1.2 * drive(layer, 2, unit, t) + 1.8);
      const input = sigmoid(1.3 * drive(layer, 1, unit, t) - 0.6);
      c = forget * c + input * Math.tanh(0.9 * drive(layer, 3, unit, t));
    }
    c *= gain;
    return signal === 'cell' ? c : sigmoid(1.3 * drive(layer, 4, unit, token) - 0.2) * Math.tanh(c);
  };

  const value = (layer: number, signal: HeatName, unit: number, token: number): number => {
    const at = (name: SignalName, t = token): number => (t < 0 ? 0 : stored(layer, name, unit, t));
    const memory = memoryOf(cell);
    if (signal === 'change') return at(memory) - at(memory, token - 1);
    if (signal === 'written')
      return cell === 'lstm' ? at('input') * at('candidate') : (1 - at('update')) * at('candidate');
    if (signal === 'kept') return (cell === 'lstm' ? at('forget') : at('update')) * at(memory, token - 1);
    if (signal !== 'saturation') return at(signal);
    const gates = SIGNALS[cell].filter(({ name, scale }) => scale === 'gate' || name === 'candidate');
    const flat = gates.map(({ name, scale }) => {
      const x = at(name);
      return 1 - (scale === 'gate' ? 4 * x * (1 - x) : 1 - x * x);
    });
    return flat.length === 0 ? at('hidden') ** 2 : flat.reduce((sum, x) => sum + x, 0) / flat.length;
  };

  const loss = (token: number): number => {
    if (options.spike === token) return 14;
    const now = features[token % period] ?? [];
    const before = features[Math.max(0, token - 1) % period] ?? [];
    const start = (now[4] ?? 0) > 0 && (before[4] ?? 0) === 0 ? 2.4 : 0.5;
    return (start + 1.2 * (now[5] ?? 0)) * (0.3 + 1.6 * noise(token % (3 * period), 5) ** 2);
  };

  const { signals } = { signals: SIGNALS[cell] };
  const layers = Array.from({ length: options.layers }, (_, i) => ({
    name: `l${String(i)}`,
    cell,
    inputSize: i === 0 ? 256 : units,
    units,
    signals,
    derived: DERIVED[cell],
  }));
  const bounds = (signal: HeatName | 'loss'): readonly [number, number] => {
    if (signal === 'loss') return [0, 14];
    if (signal === 'cell' || signal === 'change' || signal === 'kept') return [-6, 6];
    return signal === 'candidate' || signal === 'hidden' || signal === 'written' ? [-1, 1] : [0, 1];
  };

  // Where lines begin in a turn of the sample: behind each end of a line.
  const starts = cycle.flatMap(({ text, token, count }) => (text.endsWith('\n') ? [token + count] : []));
  const lineToken = (line: number): number => {
    if (line === 0) return 0;
    const turn = Math.floor((line - 1) / starts.length);
    return turn * period + (starts[(line - 1) % starts.length] ?? 0);
  };
  const linesBefore = (token: number): number => {
    const turn = Math.floor(token / period);
    return 1 + turn * starts.length + starts.filter((start) => start < token - turn * period).length;
  };

  return {
    model: {
      id: 1,
      name: cell === 'lstm' ? 'Gatescope bytes' : 'tiny-rnn',
      file: 'media/models/bytes.safetensors',
      architecture: `${cell.toUpperCase()} ${String(options.layers)} × ${String(units)}`,
      tokenizer: 'bytes',
      layers,
      parameters: 525_312,
      predicts: true,
      description: undefined,
      warnings: [],
    },
    tokens,
    textLength: tokens,
    value,
    loss,
    lines: (from, to, most) => {
      if (starts.length === 0) return { tokens: Int32Array.of(0), numbers: Int32Array.of(1), total: 1 };
      const [first, last] = [linesBefore(Math.max(0, from)), linesBefore(Math.min(tokens, to))];
      const steps = Array.from({ length: 24 }, (_, i) => ([1, 2, 5][i % 3] ?? 1) * 10 ** Math.floor(i / 3));
      const step = steps.find((n) => (last - first) / n <= most) ?? 1;
      const numbers: number[] = [];
      for (let number = Math.ceil(Math.max(1, first) / step) * step; number <= last; number += step) {
        if (lineToken(number - 1) < Math.min(tokens, to)) numbers.push(number);
      }
      const firstTokens = numbers.map((number) => lineToken(number - 1));
      return { tokens: Int32Array.from(firstTokens), numbers: Int32Array.from(numbers), total: linesBefore(tokens) };
    },
    guesses: (from, to) =>
      Array.from({ length: Math.max(0, Math.min(to, tokens) - from) }, (_, i): Guess => {
        const token = from + i;
        const label = (at: number): string =>
          glyphAt(at).count === 1 ? glyphAt(at).text : `⟨${(bytes[at % period] ?? 0).toString(16).toUpperCase()}⟩`;
        const came = token + 1 < tokens ? Math.exp(-loss(token + 1)) : undefined;
        // The likelier what came, the surer it was the guess; else another character of the text was.
        const right = came !== undefined && came > 0.35;
        const other = Math.floor(noise(token, 31) * period);
        const best = right ? came : Math.max(came ?? 0, 0.15 + 0.4 * noise(token, 32));
        return {
          token,
          label: right ? label(token + 1) : label(other) === label(token + 1) ? '#' : label(other),
          probability: best,
          actual: came === undefined ? undefined : { label: label(token + 1), probability: came },
        };
      }),
    tile: ({ layer, signal, level, index, group = 1, of = 'mean' }, done, places) => {
      const per = 2 ** level;
      const first = index * TILE_COLUMNS;
      const reach = Math.min(tokens, done);
      const columns = Math.max(0, Math.min(TILE_COLUMNS, Math.ceil(reach / per) - first));
      const shown = signal === 'loss' ? undefined : places;
      const rows = signal === 'loss' ? 1 : (shown?.units.length ?? units);
      const [lo, hi] = bounds(signal);
      const [min, mean, max] = [0, 1, 2].map(() => new Uint8Array(rows * columns)) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const encode = (x: number): number => Math.round((255 * (Math.max(lo, Math.min(hi, x)) - lo)) / (hi - lo));
      // Of a large block a few tokens are looked at, and the spike if it is among them.
      const looks = Math.min(per, 4);
      for (let u = 0; u < rows; u++) {
        for (let c = 0; c < columns; c++) {
          const from = (first + c) * per;
          const to = Math.min(reach, from + per);
          let [least, sum, most, count] = [Infinity, 0, -Infinity, 0];
          const look = (token: number): void => {
            const x = signal === 'loss' ? loss(token) : value(layer, signal, shown?.units[u] ?? u, token);
            least = Math.min(least, x);
            most = Math.max(most, x);
            sum += x;
            count++;
          };
          for (let k = 0; k < looks; k++) look(Math.min(to - 1, from + Math.floor((k * per) / looks)));
          if (options.spike !== undefined && options.spike >= from && options.spike < to) look(options.spike);
          const i = u * columns + c;
          min[i] = encode(least);
          mean[i] = encode(sum / count);
          max[i] = encode(most);
        }
      }
      const pinned = shown?.pinned ?? 0;
      const merged = pinned + Math.ceil((rows - pinned) / group);
      const values = new Uint8Array(merged * columns);
      for (let row = 0; row < merged; row++) {
        const begin = row < pinned ? row : pinned + (row - pinned) * group;
        const end = row < pinned ? row + 1 : Math.min(rows, begin + group);
        const over = (from: Uint8Array, c: number, join: (all: readonly number[]) => number): number =>
          join(Array.from({ length: end - begin }, (_, k) => from[(begin + k) * columns + c] ?? 0));
        const average = (all: readonly number[]): number => all.reduce((sum, x) => sum + x, 0) / all.length;
        const [least, middle, most] = [
          (c: number) => over(min, c, (all) => Math.min(...all)),
          (c: number) => over(mean, c, average),
          (c: number) => over(max, c, (all) => Math.max(...all)),
        ] as const;
        const all = Array.from({ length: columns }, (_, c) => c);
        const outliers = of === 'spikes' ? [outlying(all.map(least), -1), outlying(all.map(most), 1)] : [];
        for (const c of all) {
          const one = of === 'min' || outliers[0]?.has(c) === true ? least : middle;
          values[row * columns + c] = Math.round((of === 'max' || outliers[1]?.has(c) === true ? most : one)(c));
        }
      }
      const final = reach >= Math.min(tokens, (first + TILE_COLUMNS) * per);
      return { columns, rows: merged, final, lo, hi, values };
    },
    row: (token) => ({
      token,
      label:
        glyphAt(token).count === 1
          ? glyphAt(token).text
          : `⟨${(bytes[token % period] ?? 0).toString(16).toUpperCase()}⟩`,
      glyph: glyphAt(token),
      loss: token === 0 ? undefined : loss(token),
      layers: layers.map((_, l) =>
        signals.map(({ name }) => Float32Array.from({ length: units }, (_unused, u) => value(l, name, u, token))),
      ),
      before: layers.map((_, l) =>
        Float32Array.from({ length: units }, (_unused, u) =>
          token === 0 ? 0 : value(l, memoryOf(cell), u, token - 1),
        ),
      ),
    }),
    glyphs: (from, to) => {
      const found: Glyph[] = [];
      for (let token = from; token < Math.min(to, tokens);) {
        const glyph = glyphAt(token);
        found.push(glyph);
        token = glyph.token + glyph.count;
      }
      return found;
    },
  };
}
