/**
 * Where the parts of a cell's drawing are, as the field draws it (Olah 2015): the conveyor belt along the top, gates in
 * boxes below, what comes in from the left and from below, what goes out to the right. Pixels; no DOM.
 */
import type { CellKind, SignalName } from '../../src/shared/signals';
import type { FlowName } from './cell';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A learned function: σ or tanh of a sum. */
export interface GateBox extends Box {
  readonly signal: SignalName;
  readonly squashing: 'σ' | 'tanh';
}

/** An operation on each unit by itself. */
export interface Operation {
  readonly text: '×' | '+' | 'tanh' | '1−';
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
}

/** Where something enters or leaves; `all` are values of every unit, `x` the input. */
export interface Port extends Box {
  readonly flow: FlowName | 'all' | 'x';
  readonly symbol: string;
}

export interface Arrow {
  readonly x: number;
  readonly y: number;
  /** Where it points, in degrees: 0 to the right, 90 downwards. */
  readonly angle: number;
}

export interface Wire {
  readonly flow: FlowName | 'all' | 'x';
  readonly path: string;
  readonly arrow: Arrow | undefined;
  /** Part of the conveyor belt. */
  readonly belt: boolean;
  /** Where it passes over others rather than joining them. */
  readonly over: boolean;
}

/** A number beside a wire: symbol and value in one line or, if `stacked`, one above the other. */
export interface FlowLabel {
  readonly flow: FlowName;
  readonly symbol: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle';
  readonly stacked: boolean;
}

export interface CellPlan {
  readonly width: number;
  readonly height: number;
  readonly body: Box;
  readonly belt: { readonly from: number; readonly to: number; readonly y: number } | undefined;
  readonly wires: readonly Wire[];
  /** Where wires join. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly gates: readonly GateBox[];
  readonly operations: readonly Operation[];
  readonly ports: readonly Port[];
  readonly labels: readonly FlowLabel[];
}

type Point = readonly [x: number, y: number];

/** From here on names fit beside the numbers. */
export const WIDE = 540;
const NARROWEST = 296;
const WIDEST = 760;

const BELT = 42;
const BOX_TOP = 164;
const BOX_HEIGHT = 28;
const BEND = 9;

/** A line through points with rounded corners. */
export function route(points: readonly Point[], radius = BEND): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let path = `M${String(start[0])} ${String(start[1])}`;
  let before = start;
  for (const [i, corner] of rest.entries()) {
    const next = rest[i + 1];
    if (next === undefined) return `${path}L${String(corner[0])} ${String(corner[1])}`;
    const toward = (from: Point, to: Point): Point => {
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      const share = Math.min(radius, length / 2) / Math.max(1e-9, length);
      return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
    };
    const [a, b] = [toward(corner, before), toward(corner, next)];
    path += `L${String(a[0])} ${String(a[1])}Q${String(corner[0])} ${String(corner[1])} ${String(b[0])} ${String(b[1])}`;
    before = corner;
  }
  return path;
}

interface WireOptions {
  readonly arrow?: boolean;
  readonly belt?: boolean;
  readonly over?: boolean;
}

function wire(flow: Wire['flow'], points: readonly Point[], options: WireOptions = {}): Wire {
  const { arrow = false, belt = false, over = false } = options;
  const [end, last] = [points[points.length - 1], points[points.length - 2]];
  const angle = end && last ? (Math.atan2(end[1] - last[1], end[0] - last[0]) * 180) / Math.PI : 0;
  const at = arrow && end ? { x: end[0], y: end[1], angle } : undefined;
  return { flow, path: route(points), arrow: at, belt, over };
}

/** What all drawings share at a width. */
function frameOf(wanted: number, height: number) {
  const width = Math.round(Math.max(NARROWEST, Math.min(WIDEST, wanted)));
  const wide = width >= WIDE;
  const portWidth = wide ? 76 : 48;
  const edge = portWidth / 2 + 1;
  const port = (flow: Port['flow'], symbol: string, x: number, y: number): Port => {
    const portHeight = 36;
    return { flow, symbol, x: x - portWidth / 2, y: y - portHeight / 2, width: portWidth, height: portHeight };
  };
  const gate = (signal: SignalName, squashing: GateBox['squashing'], x: number, y = BOX_TOP): GateBox => {
    const boxWidth = wide ? 56 : 34;
    return { signal, squashing, x: x - boxWidth / 2, y, width: boxWidth, height: BOX_HEIGHT };
  };
  const operation = (text: Operation['text'], x: number, y: number): Operation =>
    text === 'tanh' ? { text, x, y, rx: wide ? 22 : 18, ry: 12 } : { text, x, y, rx: text === '1−' ? 13 : 11, ry: 11 };
  const label = (flow: FlowName, symbol: string, x: number, y: number, anchor: FlowLabel['anchor'] = 'start') => ({
    flow,
    symbol,
    x,
    y,
    anchor,
    stacked: anchor === 'start',
  });
  const body: Box = { x: edge, y: 8, width: width - 2 * edge, height: height - 8 - 22 };
  /** Left and right ends of ports at the sides. */
  const [left, right] = [edge + portWidth / 2, width - edge - portWidth / 2];
  return { width, height, wide, edge, left, right, body, port, gate, operation, label };
}

/** Whole pixels at shares of the way from `from` to `to`. */
const placed = (from: number, to: number, shares: readonly number[]): readonly number[] =>
  shares.map((share) => Math.round(from + share * (to - from)));

function lstmPlan(wanted: number): CellPlan {
  const frame = frameOf(wanted, 282);
  const { wide, left, right, body, port, gate, operation, label } = frame;
  const bus = 222;
  // Where there is little room, the gates whose numbers have no sign stand closer.
  const shares = wide ? [0, 0.25, 0.5, 0.75, 1] : [0, 0.22, 0.45, 0.75, 1];
  const [f = 0, i = 0, g = 0, o = 0, tail = 0] = placed(left + (wide ? 56 : 20), right - (wide ? 72 : 17), shares);
  const bottom = BOX_TOP + BOX_HEIGHT;
  const [times, squash, show, number] = [106, 78, 136, 140];
  const r = 11;
  const tap = (x: number): Wire =>
    wire(
      'all',
      [
        [x, bus],
        [x, bottom],
      ],
      { arrow: true },
    );
  return {
    ...frame,
    belt: { from: left, to: right, y: BELT },
    wires: [
      wire(
        'before',
        [
          [left, BELT],
          [f - r, BELT],
        ],
        { belt: true },
      ),
      wire(
        'kept',
        [
          [f + r, BELT],
          [g - r, BELT],
        ],
        { belt: true },
      ),
      wire(
        'cell',
        [
          [g + r, BELT],
          [right, BELT],
        ],
        { belt: true, arrow: true },
      ),
      wire(
        'all',
        [
          [left, bus],
          [o - BEND, bus],
          [o, bus],
          [o, bottom],
        ],
        { arrow: true },
      ),
      tap(i),
      tap(g),
      wire(
        'x',
        [
          [f, body.y + body.height - 18],
          [f, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'forget',
        [
          [f, BOX_TOP],
          [f, BELT + r],
        ],
        { arrow: true },
      ),
      wire(
        'input',
        [
          [i, BOX_TOP],
          [i, times],
          [g - r, times],
        ],
        { arrow: true },
      ),
      wire(
        'candidate',
        [
          [g, BOX_TOP],
          [g, times + r],
        ],
        { arrow: true },
      ),
      wire(
        'written',
        [
          [g, times - r],
          [g, BELT + r],
        ],
        { arrow: true },
      ),
      wire(
        'cell',
        [
          [tail, BELT],
          [tail, squash - 12],
        ],
        { arrow: true },
      ),
      wire(
        'shown',
        [
          [tail, squash + 12],
          [tail, show - r],
        ],
        { arrow: true },
      ),
      wire(
        'output',
        [
          [o, BOX_TOP],
          [o, show],
          [tail - r, show],
        ],
        { arrow: true },
      ),
      wire(
        'hidden',
        [
          [tail, show + r],
          [tail, bus],
          [right, bus],
        ],
        { arrow: true },
      ),
    ],
    dots: [
      { x: f, y: bus },
      { x: i, y: bus },
      { x: g, y: bus },
      { x: tail, y: BELT },
    ],
    gates: [gate('forget', 'σ', f), gate('input', 'σ', i), gate('candidate', 'tanh', g), gate('output', 'σ', o)],
    operations: [
      operation('×', f, BELT),
      operation('+', g, BELT),
      operation('×', g, times),
      operation('tanh', tail, squash),
      operation('×', tail, show),
    ],
    ports: [
      port('before', 'c′', frame.edge, BELT),
      port('cell', 'c', frame.width - frame.edge, BELT),
      port('all', 'h′', frame.edge, bus),
      port('x', 'x', f, body.y + body.height),
      port('hidden', 'h', frame.width - frame.edge, bus),
    ],
    labels: [
      label('kept', 'f·c′', (f + g) / 2, BELT - 12, 'middle'),
      label('forget', 'f', f + 6, number),
      label('input', 'i', i + 6, number),
      label('candidate', 'g', g + 6, number),
      label('written', 'i·g', g + 6, 80),
      label('shown', 'tanh c', tail + 6, 112),
      label('output', 'o', o + 5, show - 6),
    ],
  };
}

function gruPlan(wanted: number): CellPlan {
  const frame = frameOf(wanted, 300);
  const { wide, left, right, body, port, gate, operation, label } = frame;
  const [state, input] = [218, 246];
  const ends = [left + (wide ? 56 : 28), right - (wide ? 90 : 44)] as const;
  const [z = 0, reset = 0, pass = 0, n = 0] = placed(...ends, [0, 0.36, 0.66, 1]);
  const bottom = BOX_TOP + BOX_HEIGHT;
  const [branch, loop] = [96, 130];
  const r = 11;
  const side = 8;
  const flip = Math.round((z + n) / 2) - (wide ? 0 : 6);
  return {
    ...frame,
    belt: { from: left, to: right, y: BELT },
    wires: [
      wire(
        'before',
        [
          [left, BELT],
          [z - r, BELT],
        ],
        { belt: true },
      ),
      wire(
        'kept',
        [
          [z + r, BELT],
          [n - r, BELT],
        ],
        { belt: true },
      ),
      wire(
        'hidden',
        [
          [n + r, BELT],
          [right, BELT],
        ],
        { belt: true, arrow: true },
      ),
      wire(
        'all',
        [
          [left, state],
          [pass - r, state],
        ],
        { arrow: true },
      ),
      wire(
        'all',
        [
          [z - side, state],
          [z - side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'all',
        [
          [reset - side, state],
          [reset - side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'x',
        [
          [z + side, body.y + body.height - 18],
          [z + side, bottom],
        ],
        { arrow: true, over: true },
      ),
      wire(
        'x',
        [
          [z + side, input],
          [reset + side - BEND, input],
          [reset + side, input],
          [reset + side, bottom],
        ],
        {
          arrow: true,
          over: true,
        },
      ),
      wire(
        'x',
        [
          [reset + side - BEND, input],
          [n + side, input],
          [n + side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'passed',
        [
          [pass + r, state],
          [n - side, state],
          [n - side, bottom],
        ],
        { arrow: true },
      ),
      wire(
        'update',
        [
          [z, BOX_TOP],
          [z, BELT + r],
        ],
        { arrow: true },
      ),
      wire(
        'update',
        [
          [z, branch],
          [flip - 13, branch],
        ],
        { arrow: true },
      ),
      wire(
        'rest',
        [
          [flip + 13, branch],
          [n - r, branch],
        ],
        { arrow: true },
      ),
      wire(
        'reset',
        [
          [reset, BOX_TOP],
          [reset, loop],
          [pass, loop],
          [pass, state - r],
        ],
        { arrow: true },
      ),
      wire(
        'candidate',
        [
          [n, BOX_TOP],
          [n, branch + r],
        ],
        { arrow: true },
      ),
      wire(
        'written',
        [
          [n, branch - r],
          [n, BELT + r],
        ],
        { arrow: true },
      ),
    ],
    dots: [
      { x: z - side, y: state },
      { x: reset - side, y: state },
      { x: z + side, y: input },
      { x: z, y: branch },
    ],
    gates: [gate('update', 'σ', z), gate('reset', 'σ', reset), gate('candidate', 'tanh', n)],
    operations: [
      operation('×', z, BELT),
      operation('+', n, BELT),
      operation('1−', flip, branch),
      operation('×', n, branch),
      operation('×', pass, state),
    ],
    ports: [
      port('before', 'h′', frame.edge, BELT),
      port('hidden', 'h', frame.width - frame.edge, BELT),
      port('all', 'h′', frame.edge, state),
      port('x', 'x', z + side, body.y + body.height),
    ],
    labels: [
      label('kept', 'z·h′', (z + n) / 2, BELT - 12, 'middle'),
      label('update', 'z', z + 6, 140),
      label('rest', '1−z', flip + 18, branch - 6),
      label('reset', 'r', reset + 6, 154),
      label('candidate', 'n', n + 6, 140),
      label('passed', wide ? 'r, U h′' : '', (pass + n) / 2, state + 16, 'middle'),
      label('written', '(1−z)·n', n + 6, 79),
    ],
  };
}

function rnnPlan(wanted: number): CellPlan {
  const frame = frameOf(wanted, 186);
  const { wide, left, right, body, port, gate, operation, label } = frame;
  const line = 84;
  const r = 11;
  const plus = Math.round(left + (right - left) * (wide ? 0.36 : 0.38));
  const squash = Math.round(left + (right - left) * (wide ? 0.68 : 0.72));
  const box = gate('hidden', 'tanh', squash, line - BOX_HEIGHT / 2);
  return {
    ...frame,
    belt: undefined,
    wires: [
      wire(
        'fromState',
        [
          [left, line],
          [plus - r, line],
        ],
        { arrow: true },
      ),
      wire(
        'fromInput',
        [
          [plus, body.y + body.height - 18],
          [plus, line + r],
        ],
        { arrow: true },
      ),
      wire(
        'bias',
        [
          [plus, 44],
          [plus, line - r],
        ],
        { arrow: true },
      ),
      wire(
        'sum',
        [
          [plus + r, line],
          [box.x, line],
        ],
        { arrow: true },
      ),
      wire(
        'hidden',
        [
          [box.x + box.width, line],
          [right, line],
        ],
        { arrow: true },
      ),
    ],
    dots: [],
    gates: [box],
    operations: [operation('+', plus, line)],
    ports: [
      port('all', 'h′', frame.edge, line),
      port('x', 'x', plus, body.y + body.height),
      port('hidden', 'h', frame.width - frame.edge, line),
    ],
    labels: [
      label('fromState', 'U h′', (left + plus - r) / 2 - 16, line - 8),
      label('bias', 'b', plus + 6, 44),
      label('fromInput', 'W x', plus + 6, 126),
      label('sum', 'Σ', (plus + r + box.x) / 2 - 18, line - 8),
    ],
  };
}

const PLANS: Readonly<Record<CellKind, (width: number) => CellPlan>> = { lstm: lstmPlan, gru: gruPlan, rnn: rnnPlan };

/** @param width of the place there is; the drawing is no narrower than 296 pixels and no wider than 760 */
export const planCell = (cell: CellKind, width: number): CellPlan => PLANS[cell](width);
