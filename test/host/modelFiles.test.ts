import { describe, expect, it } from 'vitest';
import {
  isAmbiguous,
  isModelFile,
  isSafetensors,
  looksLikeModel,
  MODEL_GLOB,
  MODEL_PATTERNS,
  modelLabel,
} from '../../src/host/modelFiles';
import manifest from '../../package.json' with { type: 'json' };

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
describe('model files', () => {
  it.each([
    ['models/a.safetensors', true, 'a'],
    ['C:\\m\\b.SafeTensors', true, 'b'],
    ['net.weights.h5', true, 'net.weights'],
    ['x.keras', true, 'x'],
    ['pytorch_model.bin', true, 'pytorch_model'],
    ['web/char-rnn/model.json', true, 'char-rnn'],
    ['model.json', true, 'model.json'],
    ['package.json', false, 'package.json'],
    ['notes.txt', false, 'notes.txt'],
    ['pt', false, 'pt'],
  ])('%s', (path, model, label) => {
    expect([isModelFile(path), modelLabel(path)]).toEqual([model, label]);
    expect(isSafetensors(path)).toBe(/safetensors$/iu.test(path));
  });

  it('are those of the custom editor', () => {
    const [editor] = manifest.contributes.customEditors;
    expect(editor?.selector.map(({ filenamePattern }) => filenamePattern)).toEqual(MODEL_PATTERNS);
    expect(editor?.priority).toBe('option');
    for (const pattern of MODEL_PATTERNS) expect(MODEL_GLOB).toContain(pattern);
  });

  it.each([
    ['a.bin', Uint8Array.of(0x50, 0x4b, 3, 4, 0), true],
    ['a.bin', Uint8Array.of(0x80, 2, 0x8a), true],
    ['a.bin', Uint8Array.of(0, 1, 2, 3), false],
    ['a.bin', new Uint8Array(), false],
    ['m/model.json', text('{"format":"layers-model","modelTopology":{'), true],
    ['m/model.json', text('{"weightsManifest":[]}'), true],
    ['m/model.json', text('{"models":[]}'), false],
  ])('%s by its first bytes', (path, bytes, looks) => {
    expect(isAmbiguous(path)).toBe(true);
    expect(looksLikeModel(path, bytes)).toBe(looks);
  });
});
