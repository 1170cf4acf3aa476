/** The HTML of a webview: a heatmap's, or a model's page. Pure. */

export interface PageOptions {
  /** Where the page is shown: what its layout depends on. */
  readonly place: 'sidebar' | 'editor' | 'model';
  /** `Webview.cspSource`. */
  readonly source: string;
  /**
   * Texts of the bundle and its styles. They are in the page itself: a webview fetches each file by way of a service
   * worker, the window and the server, which takes as long as all the rest of an empty page.
   */
  readonly script: string;
  readonly style: string;
  /** A script that the page runs itself, once it has shown something; absent where `script` is all. */
  readonly later?: string;
  /** Random; only scripts that carry it run. */
  readonly nonce: string;
  /** Of what the page says, e.g. `zh-cn`. */
  readonly language: string;
  /** English texts and what they are in that language; undefined where they stay English. */
  readonly bundle: Readonly<Record<string, string>> | undefined;
}

/** JSON that may stand in a script element: only `<` could end it, or begin a comment. */
const inScript = (json: unknown): string => JSON.stringify(json).replaceAll('<', '\\u003c');

/**
 * An element of text, which ends at its end tag, wherever that is; and a script with `<!--` and `<script` in it not even
 * there. The bundler writes both otherwise in strings; a bundle that has them all the same is refused.
 */
function element(tag: 'script' | 'style', attributes: string, text: string): string {
  if (new RegExp(`</?${tag}`, 'iu').test(text)) throw new RangeError(`The bundle of a page has a tag <${tag}> in it.`);
  return `<${tag}${attributes}>${text}</${tag}>`;
}

export function pageHtml(options: PageOptions): string {
  const { place, source, script, style, later, nonce, language, bundle } = options;
  const policy = [
    `default-src 'none'`,
    `img-src data: blob: ${source}`,
    // The toolkit's components write inline styles; scripts stay nonce-only.
    `style-src ${source} 'unsafe-inline'`,
    `font-src ${source}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  // Data, which no policy of scripts forbids; before the script, which reads it at once.
  const texts = bundle === undefined ? '' : `<script type="application/json" id="l10n">${inScript(bundle)}</script>`;
  return `<!DOCTYPE html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    ${element('style', '', style)}
    <title>Gatescope</title>
  </head>
  <body data-gatescope-view="${place}">
    <div id="app"></div>
    ${texts}
    ${later === undefined ? '' : element('script', ' type="text/plain" id="later"', later)}
    ${element('script', ` nonce="${nonce}"`, script)}
  </body>
</html>
`;
}
