/**
 * One layer over a window: projects its inputs block by block, then steps. Two threads may share a layer: its units are
 * in two parts, each with its own rows of all matrices, and after every step the parts wait for each other. Alone, a
 * thread runs both parts in turn. Which of these is chosen changes no bit, for a row's sum does not see other rows.
 */
import { gru } from './gru';
import { Layer } from './layer';
import { lstm } from './lstm';
import { project } from './panels';
import { rnn } from './rnn';

/** Steps whose inputs are projected at once; DENSE_STEPS in src/engine/arena.ts. */
const BLOCK: i32 = 32;

const LSTM: i32 = 0;
const GRU: i32 = 1;

/**
 * @param layer a Layer
 * @param tokens ids [steps] that pick projected rows, or 0
 * @param input without tokens: [steps] rows of inputWidth values, inputStride bytes apart
 * @param record where step 0 stores its signals, recordStride bytes from one step's to the next
 * @param part 0 or 1: run that part while another thread runs the other; -1: all
 * @returns 1, or 0 where the other thread did not come
 */
export function runLayer(
  layer: usize,
  tokens: usize,
  input: usize,
  inputStride: usize,
  steps: i32,
  record: usize,
  recordStride: usize,
  part: i32,
): i32 {
  const l = changetype<Layer>(layer);
  if (tokens) return run(l, tokens, 0, steps, record, recordStride, part);
  for (let from = 0; from < steps; from += BLOCK) {
    const count = min(BLOCK, steps - from);
    projectPart(l, input + <usize>from * inputStride, inputStride, count, part);
    if (!run(l, 0, from, count, record + <usize>from * recordStride, recordStride, part)) return 0;
  }
  return 1;
}

/** The rows of one part, or all. */
function projectPart(l: Layer, input: usize, stride: usize, count: i32, part: i32): void {
  const first = part === 1 ? l.firstPanels : 0;
  const panels = part < 0 ? l.panels : part === 1 ? l.panels - l.firstPanels : l.firstPanels;
  const bytes = (<usize>first) << 7;
  const weights = l.weightIh + bytes * <usize>l.inputWidth;
  const rowBytes = (<usize>l.panels) << 7;
  project(input, stride, count, l.inputWidth, weights, l.bias + bytes, panels, l.projected + bytes, rowBytes, l.paired);
}

/** @param from step of the window at which this block begins: progress is counted from the window's start */
function run(l: Layer, tokens: usize, from: i32, steps: i32, record: usize, stride: usize, part: i32): i32 {
  if (l.cell === LSTM) return lstm(l, tokens, from, steps, record, stride, part);
  if (l.cell === GRU) {
    gru(l, tokens, steps, record, stride);
  } else rnn(l, tokens, steps, record, stride);
  return 1;
}
