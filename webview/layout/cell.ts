/** What flows through a cell at one step: the number of every wire in its drawing, and its equations filled in. */
import type { SignalName } from '../../src/shared/signals';
import type { GateWhy, LayerInfo, Why } from '../../src/shared/trace';
import { decimalsFor, formatFixed, inBrackets } from './numbers';

/**
 * The wires of the drawings. LSTM: `before` is c′, `kept` f·c′, `written` i·g, `shown` tanh(c). GRU: `before` is h′,
 * `rest` 1−z, `kept` z·h′, `written` (1−z)·n, `passed` what the reset gate lets through of U h′. SimpleRNN: `fromInput`
 * W x, `fromState` U h′, `bias` b, `sum` all of them.
 */
export type FlowName =
  SignalName | 'before' | 'kept' | 'written' | 'shown' | 'rest' | 'passed' | 'fromInput' | 'fromState' | 'bias' | 'sum';

export interface FlowInput {
  readonly layer: Pick<LayerInfo, 'cell' | 'signals' | 'derived' | 'curves'>;
  readonly values: Readonly<Partial<Record<SignalName, number>>>;
  /** Memory of the step before: c′, in a GRU h′. */
  readonly before: number;
  /** What the sums were made of, where it is here: a SimpleRNN's wires are its parts. */
  readonly why?: Why | undefined;
}

export interface Flows {
  readonly values: Readonly<Partial<Record<FlowName, number>>>;
  /** The memory is made as in the drawing, so that its products can be said. */
  readonly memoryKnown: boolean;
  /** The hidden state is made as in the drawing: not by a projection or by a function of the layer's own. */
  readonly hiddenKnown: boolean;
}

/** An equation in pieces between which a line may break; joined by a space they are the whole. */
export type Equation = readonly string[];

/** The kernels' functions are exact to about 1e-6; what differs by more than this is another equation. */
const TOLERANCE = 1e-3;

function agrees(expected: number, found: number | undefined): boolean {
  if (found === undefined) return false;
  return Object.is(expected, found) || Math.abs(expected - found) <= TOLERANCE * Math.max(1, Math.abs(found));
}

/** Without what is undefined. */
function known(values: Readonly<Partial<Record<FlowName, number | undefined>>>): Flows['values'] {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Its functions are σ and tanh: a layer of others says which (`curves`), or its slopes are not known. */
export const hasUsualFunctions = (layer: FlowInput['layer']): boolean =>
  layer.curves === undefined && layer.derived?.some(({ name }) => name === 'saturation') === true;

const reasonOf = (why: Why | undefined, signal: SignalName): GateWhy | undefined =>
  why?.gates.find((gate) => gate.signal === signal);

function lstmFlows({ layer, values, before }: FlowInput): Flows {
  const { input: i = NaN, forget: f = NaN, candidate: g = NaN, output: o = NaN, cell: c } = values;
  const told = layer.derived !== undefined;
  const memoryKnown = told && agrees(f * before + i * g, c);
  const hiddenKnown = told && c !== undefined && agrees(o * Math.tanh(c), values.hidden);
  const products = memoryKnown ? { kept: f * before, written: i * g } : {};
  const shown = hiddenKnown ? { shown: Math.tanh(c) } : {};
  return { values: known({ ...values, before, ...products, ...shown }), memoryKnown, hiddenKnown };
}

function gruFlows({ layer, values, before, why }: FlowInput): Flows {
  const { update: z = NaN, candidate: n = NaN } = values;
  const rest = 1 - z;
  const memoryKnown = layer.derived !== undefined && agrees(rest * n + z * before, values.hidden);
  const products = memoryKnown ? { rest, kept: z * before, written: rest * n } : {};
  const passed = reasonOf(why, 'candidate')?.recurrent;
  return { values: known({ ...values, before, passed, ...products }), memoryKnown, hiddenKnown: memoryKnown };
}

function rnnFlows({ layer, values, why }: FlowInput): Flows {
  const h = values.hidden;
  const gate = reasonOf(why, 'hidden');
  const tanh =
    hasUsualFunctions(layer) && layer.signals.some(({ name, scale }) => name === 'hidden' && scale === 'signed');
  // A tanh can be undone, unless it has rounded to its end.
  const undone = tanh && h !== undefined && Math.abs(h) < 1 ? Math.atanh(h) : undefined;
  const sum = gate?.sum ?? undone;
  const hiddenKnown = tanh && (sum === undefined || agrees(Math.tanh(sum), h));
  const parts = gate && { fromInput: gate.input, fromState: gate.recurrent, bias: gate.bias };
  return { values: known({ ...values, ...parts, sum }), memoryKnown: hiddenKnown, hiddenKnown };
}

export function flowsOf(input: FlowInput): Flows {
  if (input.layer.cell === 'lstm') return lstmFlows(input);
  return input.layer.cell === 'gru' ? gruFlows(input) : rnnFlows(input);
}

/** Most decimals that are taken so that an equation adds up as it is printed: more would not fit into the drawing. */
const MOST_DECIMALS = 3;

/** The decimals of all numbers of a step: as few as show them, one more where the equations then add up as printed. */
export function decimalsOf(flows: Flows): number {
  const { kept, written, cell, hidden, before } = flows.values;
  const least = decimalsFor([kept, written, cell, hidden, before]);
  for (let decimals = least; decimals <= MOST_DECIMALS; decimals++) if (addsUp(flows, decimals)) return decimals;
  return least;
}

/** Whether the rounded numbers of an equation give its rounded result; true where there is nothing to add up. */
function addsUp({ values, memoryKnown, hiddenKnown }: Flows, decimals: number): boolean {
  const round = (value: number): number => Number(value.toFixed(decimals));
  const of = (name: FlowName): number => round(values[name] ?? NaN);
  const same = (told: number, result: number): boolean => Number.isNaN(told) || round(told) === result;
  const lstm = values.cell !== undefined;
  const memory = lstm
    ? of('forget') * of('before') + of('input') * of('candidate')
    : (1 - of('update')) * of('candidate') + of('update') * of('before');
  const parts = values.bias === undefined ? of('sum') : of('fromInput') + of('fromState') + of('bias');
  const hidden = lstm ? of('output') * Math.tanh(of('cell')) : Math.tanh(parts);
  if (memoryKnown && !same(memory, of(lstm ? 'cell' : 'hidden'))) return false;
  return !hiddenKnown || same(hidden, of('hidden'));
}

const joined = (first: string, ...more: readonly (string | undefined)[]): Equation => [
  first,
  ...more.filter((part) => part !== undefined),
];

/**
 * The equations with their numbers, all with the same decimals: `c = 0.93·0.51 + 0.12·(−0.40) = 0.43`. Where the layer's
 * own equation is another one, only the result.
 */
export function equationsOf(flows: Flows, cell: LayerInfo['cell']): readonly Equation[] {
  const { values, memoryKnown, hiddenKnown } = flows;
  const decimals = decimalsOf(flows);
  // What rounding alone keeps from adding up is not called equal.
  const equals = addsUp(flows, decimals) ? '=' : '≈';
  const text = (name: FlowName): string => {
    const value = values[name];
    return value === undefined ? '?' : formatFixed(value, decimals);
  };
  const factor = (name: FlowName): string => inBrackets(text(name));
  const result = (symbol: string, name: FlowName): Equation =>
    values[name] === undefined ? [] : [`${symbol} = ${text(name)}`];
  const equations: Equation[] = [];
  if (cell === 'lstm') {
    equations.push(
      memoryKnown
        ? [
            `c = ${text('forget')}·${factor('before')}`,
            `+ ${text('input')}·${factor('candidate')}`,
            `${equals} ${text('cell')}`,
          ]
        : result('c', 'cell'),
      hiddenKnown
        ? [`h = ${text('output')}·tanh(${text('cell')})`, `${equals} ${text('hidden')}`]
        : result('h', 'hidden'),
    );
  } else if (cell === 'gru') {
    equations.push(
      memoryKnown
        ? [
            `h = (1 − ${text('update')})·${factor('candidate')}`,
            `+ ${text('update')}·${factor('before')}`,
            `${equals} ${text('hidden')}`,
          ]
        : result('h', 'hidden'),
    );
  } else if (values.sum !== undefined && hiddenKnown) {
    const parts =
      values.bias === undefined ? text('sum') : `${text('fromInput')} + ${factor('fromState')} + ${factor('bias')}`;
    equations.push(joined(`h = tanh(${parts})`, `${equals} ${text('hidden')}`));
  } else equations.push(result('h', 'hidden'));
  return equations.filter((equation) => equation.length > 0);
}
