/** A whole model file of seeded random weights: an LSTM of 6 units over bytes. */
import { randomNetwork } from '../engine/randomNetwork';
import { safetensorsFile, type Content } from './safetensorsFile';

const VOCAB = 256;
const WIDTH = 7;
const UNITS = 6;

export function tinyModel(seed = 1): Uint8Array {
  const { input, layers, head } = randomNetwork({ seed, cell: 'lstm', units: [UNITS], width: WIDTH, vocab: VOCAB });
  const [layer] = layers;
  const none = new Float32Array(0);
  const content: Content = {
    'embedding.weight': { shape: [VOCAB, WIDTH], values: input.table },
    'lstm.weight_ih_l0': { shape: [4 * UNITS, WIDTH], values: layer?.weightIh ?? none },
    'lstm.weight_hh_l0': { shape: [4 * UNITS, UNITS], values: layer?.weightHh ?? none },
    'lstm.bias_ih_l0': { shape: [4 * UNITS], values: layer?.biasIh ?? none },
    'lstm.bias_hh_l0': { shape: [4 * UNITS], values: layer?.biasHh ?? none },
    'head.weight': { shape: [VOCAB, UNITS], values: head?.weight ?? none },
    'head.bias': { shape: [VOCAB], values: head?.bias ?? none },
  };
  return safetensorsFile(content, { tokenizer: 'bytes', architecture: 'lstm', name: 'tiny' });
}
