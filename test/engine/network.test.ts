/** A network whose shapes disagree is refused by the tensor's name, before any kernel sees it. */
import { describe, expect, it } from 'vitest';
import { checkNetwork, type HeadWeights, type LayerWeights, type Network } from '../../src/engine/network';
import { GatescopeError } from '../../src/shared/errors';
import { randomNetwork } from './randomNetwork';

const good = randomNetwork({ seed: 1, cell: 'lstm', units: [3, 2], width: 4, vocab: 6 });

const withLayer = (index: number, change: Partial<LayerWeights>): Network => ({
  ...good,
  layers: good.layers.map((layer, at) => (at === index ? { ...layer, ...change } : layer)),
});
const withHead = (change: Partial<HeadWeights>): Network => ({
  ...good,
  head: { vocab: 6, weight: new Float32Array(12), bias: undefined, ...change },
});
const floats = (length: number): Float32Array => new Float32Array(length);

describe('checkNetwork', () => {
  it('takes a network whose shapes agree', () => {
    expect(() => {
      checkNetwork(good);
      checkNetwork(withHead({}));
    }).not.toThrow();
  });

  it.each<[string, Network, RegExp]>([
    ['no layers', { ...good, layers: [] }, /no recurrent layer/],
    ['no tokens', { ...good, input: { table: floats(0), vocab: 0, width: 4 } }, /vocabulary is 0/],
    ['half a unit', withLayer(0, { units: 1.5 }), /layers\[0\]\.units is 1.5/],
    [
      'a table too short',
      { ...good, input: { ...good.input, table: floats(5) } },
      /input\.table has 5 values; \[6, 4\]/,
    ],
    [
      'an input of another width',
      withLayer(0, { inputSize: 5 }),
      /layers\[0\]\.weightIh has rows of 5 values.*\[12, 4\]/,
    ],
    [
      'a layer on another below',
      withLayer(1, { inputSize: 4 }),
      /layers\[1\]\.weightIh .*layers\[0\] gives 3; \[8, 3\]/,
    ],
    ['input weights', withLayer(0, { weightIh: floats(1) }), /layers\[0\]\.weightIh has 1 value; \[12, 4\]/],
    ['recurrent weights', withLayer(1, { weightHh: floats(17) }), /layers\[1\]\.weightHh has 17 values; \[8, 2\]/],
    ['an input bias', withLayer(0, { biasIh: floats(3) }), /layers\[0\]\.biasIh has 3 values; \[12\]/],
    ['a recurrent bias', withLayer(0, { biasHh: floats(0) }), /layers\[0\]\.biasHh has 0 values; \[12\]/],
    ['a head of another vocabulary', withHead({ vocab: 5 }), /head\.weight has 5 rows, but the embedding has 6/],
    ['head weights', withHead({ weight: floats(13) }), /head\.weight has 13 values; \[6, 2\]/],
    ['a head bias', withHead({ bias: floats(2) }), /head\.bias has 2 values; \[6\]/],
  ])('refuses %s', (_, network, message) => {
    expect(() => {
      checkNetwork(network);
    }).toThrow(message);
    expect(() => {
      checkNetwork(network);
    }).toThrow(GatescopeError);
  });
});
