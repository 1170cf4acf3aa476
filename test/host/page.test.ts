/** The HTML of a webview: its language, and texts that cannot break out of their block. */
import { describe, expect, it } from 'vitest';
import { pageHtml } from '../../src/host/page';

const page = (bundle: Record<string, string> | undefined): string =>
  pageHtml({
    place: 'sidebar',
    source: 'https://webview',
    script: 'webview.js',
    style: 'webview.css',
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
    expect(html.indexOf('id="l10n"')).toBeLessThan(html.indexOf('src="webview.js"'));
    expect(html).toContain('<html lang="zh-cn">');
  });
});
