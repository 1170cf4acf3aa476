/** The text of the snippets; that they run with PyTorch and Keras was tried by hand, with every kind of layer. */
import { describe, expect, it } from 'vitest';
import { exportSnippet, snippets } from '../../src/host/exportSnippet';
import { english } from '../../src/shared/l10n';

describe.each(snippets(english))('$label', ({ framework, input }) => {
  const snippet = exportSnippet(framework, input);

  it('leaves to the person only what stands first', () => {
    const lines = snippet.split('\n');
    const open = lines.flatMap((line, i) => (/\.\.\.(?![,"\]])/u.test(line.replace(/#.*/u, '')) ? [i] : []));
    const first = lines.findIndex((line) => line.startsWith('model = ...'));
    expect(first).toBeGreaterThan(0);
    expect(open.every((at) => at >= first && at < first + 6)).toBe(true);
  });

  it.each([
    ['imports', /^import numpy as np$/mu],
    ['weights', framework === 'pytorch' ? /save_file\(.*"model\.safetensors"/u : /model\.save\("model\.keras"\)/u],
    ['a sidecar of the model’s name', /open\("model\.gatescope\.json"/u],
    ['what a sidecar says', input === 'tokens' ? /"tokenizer": \{"kind": "characters"/u : /"numbers": \{"columns"/u],
    ['the text or table', input === 'tokens' ? /"reference\.txt"/u : /"reference\.csv"/u],
    ['the reference', /np\.savez\("reference\.npz", .*\*\*trace\(/u],
    ['names of layers and signals', /f?"l\{(?:layer|depth)\}/u],
    ['both states', /\("hidden", "cell"\)/u],
  ])('has %s', (_, pattern) => {
    expect(snippet).toMatch(pattern);
  });

  it('is indented by blanks and ends with a line end', () => {
    expect(snippet).not.toMatch(/\t| $/mu);
    expect(snippet.endsWith(')\n')).toBe(true);
  });
});
