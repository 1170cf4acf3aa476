/** What both engines refuse before they compute: a window, state or range that does not fit. */
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import type { TokenIds } from '../shared/tokens';
import { WINDOW_TOKENS } from './engine';

const badRequest = (message: Text): GatescopeError => new GatescopeError('bad-request', message);

/** @throws bad-request */
export function checkWindow(tokens: TokenIds, state: Float32Array, vocab: number, stateSize: number): void {
  if (tokens.length > WINDOW_TOKENS) {
    throw badRequest(say`A window of ${tokens.length} tokens was asked for; the most is ${WINDOW_TOKENS}. Cut it.`);
  }
  checkState(state, stateSize);
  const token = tokens.find((id: number) => id < 0 || id >= vocab);
  if (token !== undefined) {
    throw badRequest(say`Token ${token} is outside the model's vocabulary of ${vocab}.`);
  }
}

/** @param inputs [steps, width] @throws bad-request */
export function checkInputs(inputs: Float32Array, width: number, state: Float32Array, stateSize: number): void {
  const steps = inputs.length / width;
  if (!Number.isInteger(steps)) {
    throw badRequest(say`The inputs have ${inputs.length} values, which is not a multiple of ${width}.`);
  }
  if (steps > WINDOW_TOKENS) {
    throw badRequest(say`A window of ${steps} steps was asked for; the most is ${WINDOW_TOKENS}. Cut it.`);
  }
  checkState(state, stateSize);
}

/** @throws bad-request */
export function checkState(state: Float32Array, stateSize: number): void {
  if (state.length !== stateSize) {
    throw badRequest(say`The state has ${state.length} values; this network's has ${stateSize}.`);
  }
}

/** Records [from, to) of `count`. @throws bad-request */
export function checkRange(from: number, to: number, count: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= count)) {
    throw badRequest(say`Records ${from} to ${to} were asked for; the last window has ${count} records.`);
  }
}
