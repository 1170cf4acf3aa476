/** The HTML of a webview: its language, and texts that cannot break out of their block. */
import { describe, expect, it } from 'vitest';
import { pageHtml } from '../../src/host/page';

const page = (bundle: Record<string, string> | undefined, script = 'start($&);', style = 'p { color: red }'): string =>
  pageHtml({
    place: 'sidebar',
    source: 'https://webview',
    script,
    style,
    nonce: 'n',
    language: bundle === undefined ? 'en' : 'zh-cn',
    bundle,
  });
const BLOCK = /<script type="application\/json" id="l10n">(.*?)<\/script>/su;

describe('the page of a webview', () => {
  it('is English without a bundle', () => {
    expect(page(undefined)).toContain('<html lang="en">');
    expect(page(undefined)).not.toMatch(BLOCK);
  });

  it.each([
    ['a text', { Loss: '损失' }],
    ['an end of a script', { 'A</script><script>': '<!--<script>' }],
    ['quotes and line ends', { '"\'\n\u2028': '\\u003c' }],
  ])('carries %s to the script after it', (_, bundle) => {
    const html = page(bundle);
    expect(JSON.parse(BLOCK.exec(html)?.[1] ?? '')).toEqual(bundle);
    expect(html.match(/<script/gu)).toHaveLength(2);
    expect(html.indexOf('id="l10n"')).toBeLessThan(html.indexOf('start($&);'));
    expect(html).toContain('<html lang="zh-cn">');
  });

  it('has its script and styles in it', () => {
    expect(page(undefined)).toContain('<script nonce="n">start($&);</script>');
    expect(page(undefined)).toContain('<style>p { color: red }</style>');
  });

  it('keeps the script for later from running by itself', () => {
    const options = {
      place: 'sidebar',
      source: 'https://webview',
      style: '',
      language: 'en',
      bundle: undefined,
    } as const;
    const html = pageHtml({ ...options, script: 'start();', later: 'late();', nonce: 'n' });
    expect(html).toContain('<script type="text/plain" id="later">late();</script>');
    expect(html.indexOf('late();')).toBeLessThan(html.indexOf('start();'));
    expect(() => pageHtml({ ...options, script: '', later: '</script>', nonce: 'n' })).toThrow(RangeError);
  });

  it.each([
    ['a script that would end early', '"</SCRIPT>"', ''],
    ['a script that would not end', '"<!--<script>"', ''],
    ['styles that would end early', '', 'p::before { content: "</style>" }'],
  ])('refuses %s', (_, script, style) => {
    expect(() => page(undefined, script, style)).toThrow(RangeError);
  });
});
