/**
 * The LSTM over a window, equations as in src/engine/lstm.ts.
 *
 * With many units the gates of each panel are computed while the weights of the next arrive: at 512 units, where weights
 * come from the third cache, a step takes 32 microseconds in place of 35. With few, a call for each panel costs more than
 * that saves, and a step is two passes.
 */
import { Activations } from './activations';
import { Layer } from './layer';
import { product, sums } from './panels';
import { Simd } from './simd';
import { meet } from './team';

/** Bytes from one gate's sums to the next: a panel holds the rows of all four gates of eight units. */
const GATE: usize = 32;

class Gates {
  /**
   * Eight units at once, as pairs of vectors that are loaded and stored side by side, with no store between two loads:
   * so V8's revectorizer makes one vector of 256 bits of each pair.
   *
   * @param signal bytes from one signal of the record to the next
   */
  @inline
  static ofEight(a: usize, cell: usize, hidden: usize, record: usize, signal: usize): void {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const b = a + GATE;
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const d = b + GATE;
    const d0 = v128.load(d);
    const d1 = v128.load(d, 16);
    const e = d + GATE;
    const e0 = v128.load(e);
    const e1 = v128.load(e, 16);
    const c0 = v128.load(cell);
    const c1 = v128.load(cell, 16);
    const i0 = Activations.sigmoid(a0);
    const i1 = Activations.sigmoid(a1);
    const f0 = Activations.sigmoid(b0);
    const f1 = Activations.sigmoid(b1);
    const g0 = Activations.tanh(d0);
    const g1 = Activations.tanh(d1);
    const o0 = Activations.sigmoid(e0);
    const o1 = Activations.sigmoid(e1);
    const n0 = Simd.multiplyAdd(f0, c0, f32x4.mul(i0, g0));
    const n1 = Simd.multiplyAdd(f1, c1, f32x4.mul(i1, g1));
    const h0 = f32x4.mul(o0, Activations.tanh(n0));
    const h1 = f32x4.mul(o1, Activations.tanh(n1));
    v128.store(cell, n0);
    v128.store(cell, n1, 16);
    v128.store(hidden, h0);
    v128.store(hidden, h1, 16);
    let to = record;
    v128.store(to, i0);
    v128.store(to, i1, 16);
    to += signal;
    v128.store(to, f0);
    v128.store(to, f1, 16);
    to += signal;
    v128.store(to, g0);
    v128.store(to, g1, 16);
    to += signal;
    v128.store(to, o0);
    v128.store(to, o1, 16);
    to += signal;
    v128.store(to, n0);
    v128.store(to, n1, 16);
    to += signal;
    v128.store(to, h0);
    v128.store(to, h1, 16);
  }

  /** At most four. */
  @inline
  static ofFour(a: usize, cell: usize, hidden: usize, record: usize, signal: usize, count: i32): void {
    const i = Activations.sigmoid(v128.load(a));
    const f = Activations.sigmoid(v128.load(a, GATE));
    const g = Activations.tanh(v128.load(a, 2 * GATE));
    const o = Activations.sigmoid(v128.load(a, 3 * GATE));
    const c = Simd.multiplyAdd(f, v128.load(cell), f32x4.mul(i, g));
    const h = f32x4.mul(o, Activations.tanh(c));
    v128.store(cell, c);
    v128.store(hidden, h);
    Simd.storeSome(record, i, count);
    Simd.storeSome(record + signal, f, count);
    Simd.storeSome(record + 2 * signal, g, count);
    Simd.storeSome(record + 3 * signal, o, count);
    Simd.storeSome(record + 4 * signal, c, count);
    Simd.storeSome(record + 5 * signal, h, count);
  }
}

/** From so many units on, a panel's gates are computed while the next panel's weights arrive; below, after all panels. */
const OVERLAPPED_UNITS: i32 = 192;

class Panels {
  /** The sums of panels [first, end) and the gates of their units. */
  @inline
  static run(l: Layer, first: i32, end: i32, row: usize, old: usize, next: usize, record: usize, backwards: i32): void {
    const signal = (<usize>l.units) << 2;
    const panelBytes = signal << 5;
    const cell = l.cellState;
    const room = l.sums;
    // A last panel with fewer units is finished apart.
    const whole = min(end, l.units >> 3);
    if (l.units < OVERLAPPED_UNITS) {
      const place = (<usize>first) << 7;
      const weights = l.weightHh + <usize>first * panelBytes;
      product(row + place, weights, old, l.units, end - first, room + place, backwards);
      for (let p = first; p < whole; p++) {
        const at = (<usize>p) << 5;
        Gates.ofEight(room + (at << 2), cell + at, next + at, record + at, signal);
      }
    } else {
      for (let k = first; k < end; k++) {
        const p = backwards ? first + end - 1 - k : k;
        const place = (<usize>p) << 7;
        sums(row + place, l.weightHh + <usize>p * panelBytes, old, l.units, room + place);
        const at = (<usize>p) << 5;
        if (p < whole) Gates.ofEight(room + place, cell + at, next + at, record + at, signal);
      }
    }
    for (let unit = whole << 3; whole < end && unit < l.units; unit += 4) {
      const at = (<usize>unit) << 2;
      const from = room + ((<usize>whole) << 7) + ((<usize>(unit & 7)) << 2);
      Gates.ofFour(from, cell + at, next + at, record + at, signal, l.units - unit);
    }
  }
}

/**
 * `steps` steps from `from` on; parameters as in runLayer.ts.
 *
 * @param record where the first of these steps stores i, f, g, o, c, h, each [units]
 */
export function lstm(l: Layer, tokens: usize, from: i32, steps: i32, record: usize, stride: usize, part: i32): i32 {
  const rowBytes = (<usize>l.panels) << 7;
  const first = part === 1 ? l.firstPanels : 0;
  const end = part === 0 ? l.firstPanels : l.panels;
  // All of h' is read while h is written: two buffers.
  let old = l.hidden;
  let next = l.spare;
  for (let t = 0; t < steps; t++) {
    const row = l.projected + (tokens ? <usize>load<u32>(tokens + ((<usize>t) << 2)) : <usize>t) * rowBytes;
    Panels.run(l, first, end, row, old, next, record, t & 1);
    if (part >= 0 && !meet(l.progress, part, from + t + 1)) return 0;
    const swapped = old;
    old = next;
    next = swapped;
    record += stride;
  }
  // A run ends with h in its first buffer; blocks have an even number of steps, but for the last.
  if (steps & 1) {
    const offset = (<usize>first) << 5;
    memory.copy(l.hidden + offset, l.spare + offset, (<usize>(end - first)) << 5);
  }
  return 1;
}
