/** Fills an arena with a network: weights in the kernels' order, the table of what tokens give, the layers' fields. */
import { TABLE_ROWS, type Arena, type KernelNetwork, type LayerArena, type Region } from './arena';
import { LAYER_FIELDS, type Kernels } from './kernels';
import type { LayerWeights, Network } from './network';
import { packBias, packColumns, packMatrix, PANEL_ROWS } from './packing';

const FLOAT_BYTES = 4;

/** A view of the memory as it is now: growth would detach it, hence views are made when needed and not kept. */
export const viewOf = (memory: WebAssembly.Memory, { at, length }: Region): Float32Array =>
  new Float32Array(memory.buffer, at, length);

/** @param paired as in EngineOptions */
export function packNetwork(kernels: Kernels, arena: Arena, network: KernelNetwork, paired: number): void {
  const { input, layers, head } = network;
  const view = (region: Region): Float32Array => viewOf(kernels.memory, region);
  for (const [index, places] of arena.layers.entries()) {
    const layer = layers[index];
    if (layer) packLayer(kernels, layer, places, paired);
  }
  const [first] = layers;
  const [places] = arena.layers;
  if ('vocab' in input && first && places) packTable(kernels, arena, input, first, places, paired);
  if (head && arena.head) {
    const { order, weight, bias } = arena.head;
    packMatrix(head.weight, layers.at(-1)?.units ?? 0, order, view(weight));
    packBias([head.bias], order.lanes, -Infinity, view(bias));
  }
}

/** What tokens give to layer 0, projected once and for all; or their embeddings. */
function packTable(
  kernels: Kernels,
  arena: Arena,
  { table, vocab, width }: Network['input'],
  { weightIh }: LayerWeights,
  { order, panels, projected, bias, weightIh: packed }: LayerArena,
  paired: number,
): void {
  const view = (region: Region): Float32Array => viewOf(kernels.memory, region);
  if (table === undefined) {
    packColumns(weightIh, vocab, order, view(bias), view(projected));
    return;
  }
  if (!arena.tabled) {
    view(arena.table).set(table);
    return;
  }
  const rowBytes = bias.length * FLOAT_BYTES;
  for (let token = 0; token < vocab; token += TABLE_ROWS) {
    const count = Math.min(TABLE_ROWS, vocab - token);
    view(arena.table).set(table.subarray(token * width, (token + count) * width));
    const [from, stride, to] = [arena.table.at, width * FLOAT_BYTES, projected.at + token * rowBytes];
    kernels.project(from, stride, count, width, packed.at, bias.at, panels, to, rowBytes, paired);
  }
}

const CELL_NUMBERS = { lstm: 0, gru: 1, rnn: 2 } as const;

function packLayer(kernels: Kernels, layer: LayerWeights, places: LayerArena, paired: number): void {
  const view = (region: Region): Float32Array => viewOf(kernels.memory, region);
  const { cell, units, inputSize, biasIh, biasHh, activation, gruForm } = layer;
  const { order, panels, firstPanels, state } = places;
  if (places.weightIh.length > 0) packMatrix(layer.weightIh, inputSize, order, view(places.weightIh));
  packMatrix(layer.weightHh, units, order, view(places.weightHh));
  // A GRU that resets after the product multiplies the candidate's recurrent bias too: it is not for the input's sum.
  const resetBefore = gruForm === 'resetBefore';
  const gates = order.lanes.slice(0, order.firstPanels * PANEL_ROWS);
  const others = order.lanes.slice(gates.length);
  const bias = view(places.bias);
  packBias([biasIh, biasHh], gates, 0, bias.subarray(0, gates.length));
  packBias(cell === 'gru' && !resetBefore ? [biasIh] : [biasIh, biasHh], others, 0, bias.subarray(gates.length));
  if (cell === 'gru') packBias([biasHh], others, 0, view(places.candidateBias));
  const fields: Readonly<Record<(typeof LAYER_FIELDS)[number], number>> = {
    cell: CELL_NUMBERS[cell],
    units,
    inputWidth: inputSize,
    variant: Number(cell === 'gru' ? resetBefore : activation === 'relu'),
    panels,
    firstPanels,
    weightIh: places.weightIh.at,
    weightHh: places.weightHh.at,
    bias: places.bias.at,
    candidateBias: places.candidateBias.at,
    sums: places.sums.at,
    shown: places.shown.at,
    hidden: state[0]?.at ?? 0,
    spare: places.spare.at,
    cellState: state[1]?.at ?? 0,
    projected: places.projected.at,
    paired,
    progress: places.progress.at,
  };
  const to = new Int32Array(kernels.memory.buffer, places.fields.at, LAYER_FIELDS.length);
  for (const [k, name] of LAYER_FIELDS.entries()) to[k] = fields[name];
}
