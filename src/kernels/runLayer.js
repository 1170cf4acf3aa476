'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.runLayer = runLayer;
/**
 * One layer over a window: projects its inputs block by block, then steps. Two threads may share a layer: its units are
 * in two parts, each with its own rows of all matrices, and after every step the parts wait for each other. Alone, a
 * thread runs both parts in turn. Which of these is chosen changes no bit, for a row's sum does not see other rows.
 */
const gru_1 = require('./gru');
const lstm_1 = require('./lstm');
const panels_1 = require('./panels');
const rnn_1 = require('./rnn');
/** Steps whose inputs are projected at once; DENSE_STEPS in src/engine/arena.ts. */
const BLOCK = 32;
const LSTM = 0;
const GRU = 1;
/**
 * @param layer a Layer
 * @param tokens ids [steps] that pick projected rows, or 0
 * @param input without tokens: [steps] rows of inputWidth values, inputStride bytes apart
 * @param record where step 0 stores its signals, recordStride bytes from one step's to the next
 * @param part 0 or 1: run that part while another thread runs the other; -1: all
 * @returns 1, or 0 where the other thread did not come
 */
function runLayer(layer, tokens, input, inputStride, steps, record, recordStride, part) {
  const l = changetype(layer);
  if (tokens) return run(l, tokens, 0, steps, record, recordStride, part);
  for (let from = 0; from < steps; from += BLOCK) {
    const count = min(BLOCK, steps - from);
    projectPart(l, input + from * inputStride, inputStride, count, part);
    if (!run(l, 0, from, count, record + from * recordStride, recordStride, part)) return 0;
  }
  return 1;
}
/** The rows of one part, or all. */
function projectPart(l, input, stride, count, part) {
  const first = part === 1 ? l.gatePanels : 0;
  const panels = part < 0 ? l.panels : part === 1 ? l.panels - l.gatePanels : l.gatePanels;
  const bytes = first << 7;
  const weights = l.weightIh + bytes * l.inputWidth;
  const rowBytes = l.panels << 7;
  (0, panels_1.project)(
    input,
    stride,
    count,
    l.inputWidth,
    weights,
    l.bias + bytes,
    panels,
    l.projected + bytes,
    rowBytes,
    l.paired,
  );
}
/** @param from step of the window at which this block begins: progress is counted from the window's start */
function run(l, tokens, from, steps, record, stride, part) {
  if (l.cell === LSTM) return (0, lstm_1.lstm)(l, tokens, from, steps, record, stride, part);
  if (l.cell === GRU) {
    (0, gru_1.gru)(l, tokens, steps, record, stride);
  } else (0, rnn_1.rnn)(l, tokens, steps, record, stride);
  return 1;
}
