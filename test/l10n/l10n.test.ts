/** Every text that a person may read has its Chinese, with the same values in it; and no Chinese is left over. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SOURCES, textsOf } from './texts';

const json = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
const holes = (text: string): string[] => [...new Set(text.match(/\{\d+\}/gu))].sort();
const HAN = /\p{Script=Han}/u;

/** Only values, signs and names: the same in every language. */
const wordless = (text: string): boolean => !/\p{L}{2}/u.test(text.replaceAll(/\{\d+\}/gu, ''));

describe('the finder of texts', () => {
  const find = (code: string, file = 'src/host/a.ts') => textsOf([file], () => code);
  it.each<[string, string, string[]]>([
    ['a call', `t('Trace {0}', name)`, ['Trace {0}']],
    ['a call of VS Code', `vscode.l10n.t("Trace")`, ['Trace']],
    ['joined literals', `t('Trace ' + 'again')`, ['Trace again']],
    ['both forms of a count', `counted(t, n, '{0} token', '{0} tokens')`, ['{0} token', '{0} tokens']],
    ['a message', 'say`${a} is ${b}.`', ['{0} is {1}.']],
    ['a message inside of another', 'say`${say`the input`} is empty.`', ['{0} is empty.', 'the input']],
    ['a broken line', 'say`a\n      b`', ['a b']],
    ['other calls', `tt('no'); at('no'); x.t('no')`, []],
  ])('knows %s', (_, code, texts) => {
    expect(find(code).translated.map(({ text }) => text)).toEqual(texts);
  });

  it.each([['t(text)'], ['t(a ? "b" : "c")'], ['t(`a ${b}`)'], ['t()']])('refuses %s', (code) => {
    expect(find(code).unclear).toHaveLength(1);
    expect(find(code, 'src/host/l10n.ts').unclear).toEqual([]);
  });

  it.each([
    [`window.showErrorMessage('It is gone.')`, 1],
    [`button('Try again', 'primary', f)`, 1],
    [`const a = { placeHolder: 'Choose one' }`, 1],
    [`el('p', { title: 'Select a model' }, \`\${n} of many units\`)`, 2],
    [`el('span', { class: 'a b' }, '→')`, 0],
    [`el('p', {}, t('Select a model'))`, 0],
    [`const a = { title: 'Gatescope' }`, 1],
  ])('sees what is bare in %s', (code, count) => {
    expect(find(code).bare).toHaveLength(count);
  });
});

describe('the texts of the sources', () => {
  const { translated, unclear, bare } = textsOf(SOURCES);
  const bundle = json('l10n/bundle.l10n.zh-cn.json');
  const texts = new Set(translated.map(({ text }) => text));

  it('are many', () => {
    expect(texts.size).toBeGreaterThan(400);
  });

  it('are literals', () => {
    expect(unclear).toEqual([]);
  });

  it('are not given to a person as they are', () => {
    expect(bare.filter(({ text }) => !/^['"`]Gatescope['"`]$/u.test(text))).toEqual([]);
  });

  it('all have their Chinese', () => {
    expect(translated.filter(({ text }) => !wordless(text) && !Object.hasOwn(bundle, text))).toEqual([]);
  });

  it('are all there are in the bundle', () => {
    expect(Object.keys(bundle).filter((text) => !texts.has(text))).toEqual([]);
  });

  it('keep their values', () => {
    const wrong = Object.entries(bundle).filter(([text, chinese]) => holes(text).join() !== holes(chinese).join());
    expect(wrong).toEqual([]);
  });

  it('are Chinese', () => {
    expect(Object.entries(bundle).filter(([text, chinese]) => !wordless(text) && !HAN.test(chinese))).toEqual([]);
  });
});

describe('the texts of package.json', () => {
  const manifest = readFileSync('package.json', 'utf8');
  const keys = [...manifest.matchAll(/"%([\w.]+)%"/gu)].map(([, key]) => key ?? '').sort();
  const [english, chinese] = [json('package.nls.json'), json('package.nls.zh-cn.json')];

  it.each([
    ['English', english],
    ['Chinese', chinese],
  ])('all have their %s, and nothing is left over', (_, texts) => {
    expect(Object.keys(texts).sort()).toEqual(keys);
  });

  it('are Chinese, with the links and the code of the English', () => {
    const marks = (text = ''): string[] => text.match(/\]\([^)]*\)|`[^`]*`/gu) ?? [];
    for (const key of keys) {
      expect(chinese[key], key).toMatch(HAN);
      expect(marks(chinese[key]), key).toEqual(marks(english[key]));
    }
  });

  it('are not written there as they are', () => {
    const { contributes, capabilities, description } = JSON.parse(manifest) as Record<string, unknown>;
    const bare: string[] = [];
    JSON.stringify({ contributes, capabilities, description }, (key, value: unknown) => {
      const named =
        /^(?:title|name|displayName|contextualTitle|contents|when\w*|(?:markdown)?[dD]eprecationMessage|(?:markdown)?[dD]escription)$/u;
      if (typeof value === 'string' && named.test(key) && !key.startsWith('when')) {
        if (!/^%.*%$/u.test(value) && value !== 'Gatescope') bare.push(`${key}: ${value}`);
      }
      return value;
    });
    expect(bare).toEqual([]);
  });
});
