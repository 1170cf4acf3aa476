/** What the drawings of all cells are made of: wires with rounded corners, boxes, ports and labels, and the conveyor belt. */
import type { SignalName } from '../../src/shared/signals';
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

/** How far down the conveyor belt is. */
export const BELT = 42;
export const BOX_TOP = 164;
export const BOX_HEIGHT = 28;
/** Radius of corners. */
export const BEND = 9;
/** Radius of the circle of an operation. */
export const RING = 11;

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

export function wire(flow: Wire['flow'], points: readonly Point[], options: WireOptions = {}): Wire {
  const { arrow = false, belt = false, over = false } = options;
  const [end, last] = [points[points.length - 1], points[points.length - 2]];
  const angle = end && last ? (Math.atan2(end[1] - last[1], end[0] - last[0]) * 180) / Math.PI : 0;
  const at = arrow && end ? { x: end[0], y: end[1], angle } : undefined;
  return { flow, path: route(points), arrow: at, belt, over };
}

/** What all drawings share at a width. */
export function frameOf(wanted: number, height: number) {
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

/** The memory of a unit on its way: × forgets, + writes, and what is there then goes on as `out`. */
export function beltOf(
  { left, right, operation }: ReturnType<typeof frameOf>,
  times: number,
  plus: number,
  out: FlowName,
): Pick<CellPlan, 'belt' | 'wires' | 'operations'> {
  const stretch = (flow: FlowName, from: number, to: number, arrow = false): Wire =>
    wire(
      flow,
      [
        [from, BELT],
        [to, BELT],
      ],
      { belt: true, arrow },
    );
  return {
    belt: { from: left, to: right, y: BELT },
    wires: [
      stretch('before', left, times - RING),
      stretch('kept', times + RING, plus - RING),
      stretch(out, plus + RING, right, true),
    ],
    operations: [operation('×', times, BELT), operation('+', plus, BELT)],
  };
}

/** Whole pixels at shares of the way from `from` to `to`. */
export const placed = (from: number, to: number, shares: readonly number[]): readonly number[] =>
  shares.map((share) => Math.round(from + share * (to - from)));
