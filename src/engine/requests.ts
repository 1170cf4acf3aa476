/** What both engines refuse before they compute: a window, state or range that does not fit. */
import { GatescopeError } from '../shared/errors';
import type { TokenIds } from '../shared/tokens';
import { WINDOW_TOKENS } from './engine';

const badRequest = (message: string): GatescopeError => new GatescopeError('bad-request', message);

/** @throws bad-request */
export function checkWindow(tokens: TokenIds, state: Float32Array, vocab: number, stateSize: number): void {
  if (tokens.length > WINDOW_TOKENS) {
    throw badRequest(
      `A window of ${String(tokens.length)} tokens was asked for; the most is ${String(WINDOW_TOKENS)}. Cut it.`,
    );
  }
  checkState(state, stateSize);
  const token = tokens.find((id: number) => id < 0 || id >= vocab);
  if (token !== undefined) {
    throw badRequest(`Token ${String(token)} is outside the model's vocabulary of ${String(vocab)}.`);
  }
}

/** @param inputs [steps, width] @throws bad-request */
export function checkInputs(inputs: Float32Array, width: number, state: Float32Array, stateSize: number): void {
  const steps = inputs.length / width;
  if (!Number.isInteger(steps)) {
    throw badRequest(`The inputs have ${String(inputs.length)} values, which is not a multiple of ${String(width)}.`);
  }
  if (steps > WINDOW_TOKENS) {
    throw badRequest(`A window of ${String(steps)} steps was asked for; the most is ${String(WINDOW_TOKENS)}. Cut it.`);
  }
  checkState(state, stateSize);
}

/** @throws bad-request */
export function checkState(state: Float32Array, stateSize: number): void {
  if (state.length !== stateSize) {
    throw badRequest(`The state has ${String(state.length)} values; this network's has ${String(stateSize)}.`);
  }
}

/** Records [from, to) of `count`. @throws bad-request */
export function checkRange(from: number, to: number, count: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= count)) {
    throw badRequest(
      `Records ${String(from)} to ${String(to)} were asked for; the last window has ${String(count)} records.`,
    );
  }
}
