import { describe, expect, it } from 'vitest';
import { alphabetsOf, fitting, misfit } from '../../src/host/alphabet';
import { textIn } from '../../src/shared/l10n';

describe('the characters of a training text', () => {
  it.each([
    ['banana', ['abn']],
    ['b\r\na\r\n', ['\nab', '\n\rab']],
    ['Aa', ['Aa', 'a']],
    // By code point, not by UTF-16 unit: the emoji is the greatest.
    ['\uFF5E😀a', ['a\uFF5E😀']],
    ['', ['']],
  ])('%j', (text, alphabets) => {
    expect(alphabetsOf(text).map(({ characters }) => characters)).toEqual(alphabets);
  });

  it('fit a model of as many tokens', () => {
    expect(fitting('Hello', 4)?.characters).toBe('Helo');
    expect(fitting('Ababb', 2)?.characters).toBe('ab');
    expect(fitting('Hello', 9)).toBeUndefined();
  });

  it.each([
    ['few', 'ab', 65, /few has 2 different characters; the model has 65 tokens\..*padding/u],
    ['many', 'abcdef', 3, /many has 6 different characters; the model has 3 tokens\..*cleaned/u],
  ])('or do not: too %s', (name, text, vocab, says) => {
    expect(textIn(misfit(name, text, vocab))).toMatch(says);
  });
});
