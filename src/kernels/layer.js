'use strict';
/** What the kernels know of a layer: sizes, and where its tensors lie. */
var __decorate =
  (this && this.__decorate) ||
  function (decorators, target, key, desc) {
    var c = arguments.length,
      r = c < 3 ? target : desc === null ? (desc = Object.getOwnPropertyDescriptor(target, key)) : desc,
      d;
    if (typeof Reflect === 'object' && typeof Reflect.decorate === 'function')
      r = Reflect.decorate(decorators, target, key, desc);
    else
      for (var i = decorators.length - 1; i >= 0; i--)
        if ((d = decorators[i])) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return (c > 3 && r && Object.defineProperty(target, key, r), r);
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.Layer = void 0;
/** Written by src/engine/wasm.ts, field by field in this order (LAYER_FIELDS in src/engine/kernels.ts). */
let Layer = class Layer {
  /** 0 LSTM, 1 GRU, 2 SimpleRNN. */
  cell;
  units;
  inputWidth;
  /** SimpleRNN: relu for tanh. GRU: reset before the product. */
  variant;
  /** Panels of all rows; of the rows multiplied by h' (GRU: r, z), and, in two parts, of the first part. */
  panels;
  gatePanels;
  /** Units of the first part: all, unless the layer is in two. */
  split;
  /** [panels, inputWidth, 32] */
  weightIh;
  /** [panels, units, 32] */
  weightHh;
  /** [panels * 32] */
  bias;
  /** [candidate panels * 32] */
  candidateBias;
  /** Room [panels * 32]. */
  sums;
  /** Room for a GRU's r * h' [units]. */
  shown;
  /** h' [units]; h after a run. */
  hidden;
  /** Room for the other h of a layer in two parts [units]. */
  spare;
  /** LSTM: c' [units]; c after a run. */
  cellState;
  /** By token [vocab, panels * 32], or room for a block [BLOCK, panels * 32]. */
  projected;
  /** Two inputs at a time (panels.ts). */
  paired;
  /** Steps that each part has finished, a cache line apart; 0 where no other thread takes part. */
  progress;
};
exports.Layer = Layer;
exports.Layer = Layer = __decorate([unmanaged], Layer);
