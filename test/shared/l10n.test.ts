/** Messages: kept apart from their values until they are shown, whatever boundary lies between. */
import { describe, expect, it } from 'vitest';
import { GatescopeError } from '../../src/shared/errors';
import { counted, english, joined, say, textIn, type Text, type Translate } from '../../src/shared/l10n';

const CHINESE: Readonly<Record<string, string>> = {
  '{0} is empty.': '{0} 是空的。',
  '{0} of {1} tokens': '{1} 个词元中的 {0} 个',
  'the input': '输入',
};
const chinese: Translate = (text, ...args) => english(CHINESE[text] ?? text, ...args);

describe('a text', () => {
  it.each<[string, Text, inEnglish: string, inChinese: string]>([
    ['that is a name', 'a.txt', 'a.txt', 'a.txt'],
    ['with a value', say`${'a.txt'} is empty.`, 'a.txt is empty.', 'a.txt 是空的。'],
    ['with values in another order', say`${2} of ${3} tokens`, '2 of 3 tokens', '3 个词元中的 2 个'],
    ['inside of another', say`${say`the input`} is empty.`, 'the input is empty.', '输入 是空的。'],
    [
      'broken in the source',
      say`${'a.txt'} is
      empty.`,
      'a.txt is empty.',
      'a.txt 是空的。',
    ],
    ['whose value has braces', say`${'{0} {1}'} is empty.`, '{0} {1} is empty.', '{0} {1} 是空的。'],
    ['that nobody translated', say`A ${'b'}.`, 'A b.', 'A b.'],
    ['with braces of its own', say`Write {"a": ${1}}`, 'Write {"a": 1}', 'Write {"a": 1}'],
    ['of several', joined([say`${'a'} is empty.`, 'b'], ' '), 'a is empty. b', 'a 是空的。 b'],
    ['of none', joined([], ' '), '', ''],
  ])('%s', (_, text, inEnglish, inChinese) => {
    expect(textIn(text)).toBe(inEnglish);
    expect(textIn(text, chinese)).toBe(inChinese);
    expect(textIn(structuredClone(text), chinese)).toBe(inChinese);
  });

  it.each([
    [1, '1 token'],
    [0, '0 tokens'],
    [1234, '1,234 tokens'],
  ])('counts %i', (count, text) => {
    expect(counted(english, count, '{0} token', '{0} tokens')).toBe(text);
  });
});

it('an error says it in English, and keeps it to be translated', () => {
  const error = new GatescopeError('empty-text', say`${'a.txt'} is empty.`);
  expect(error.message).toBe('a.txt is empty.');
  expect(textIn(error.text, chinese)).toBe('a.txt 是空的。');
});
