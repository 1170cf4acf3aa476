'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.touch =
  exports.summarize =
  exports.softmax =
  exports.losses =
  exports.reduce =
  exports.project =
  exports.product =
  exports.runLayer =
  exports.tanhEach =
  exports.sigmoidEach =
    void 0;
exports.arenaStart = arenaStart;
/** The kernels' exports. Memory is the caller's to lay out (src/engine/arena.ts); nothing here allocates. */
var activations_1 = require('./activations');
Object.defineProperty(exports, 'sigmoidEach', {
  enumerable: true,
  get: function () {
    return activations_1.sigmoidEach;
  },
});
Object.defineProperty(exports, 'tanhEach', {
  enumerable: true,
  get: function () {
    return activations_1.tanhEach;
  },
});
var runLayer_1 = require('./runLayer');
Object.defineProperty(exports, 'runLayer', {
  enumerable: true,
  get: function () {
    return runLayer_1.runLayer;
  },
});
var panels_1 = require('./panels');
Object.defineProperty(exports, 'product', {
  enumerable: true,
  get: function () {
    return panels_1.product;
  },
});
Object.defineProperty(exports, 'project', {
  enumerable: true,
  get: function () {
    return panels_1.project;
  },
});
var reduce_1 = require('./reduce');
Object.defineProperty(exports, 'reduce', {
  enumerable: true,
  get: function () {
    return reduce_1.reduce;
  },
});
var softmax_1 = require('./softmax');
Object.defineProperty(exports, 'losses', {
  enumerable: true,
  get: function () {
    return softmax_1.losses;
  },
});
Object.defineProperty(exports, 'softmax', {
  enumerable: true,
  get: function () {
    return softmax_1.softmax;
  },
});
var summarize_1 = require('./summarize');
Object.defineProperty(exports, 'summarize', {
  enumerable: true,
  get: function () {
    return summarize_1.summarize;
  },
});
var touch_1 = require('./touch');
Object.defineProperty(exports, 'touch', {
  enumerable: true,
  get: function () {
    return touch_1.touch;
  },
});
/** First byte that the caller may use. */
function arenaStart() {
  return (__heap_base + 63) & ~63;
}
