/** The HTML of a webview: a heatmap's, or a model's page. Pure. */

export interface PageOptions {
  /** Where the page is shown: what its layout depends on. */
  readonly place: 'sidebar' | 'editor' | 'model';
  /** `Webview.cspSource`. */
  readonly source: string;
  /** URIs of the bundle and its styles in dist/, as the webview sees them. */
  readonly script: string;
  readonly style: string;
  /** Random; only scripts that carry it run. */
  readonly nonce: string;
  /** Of what the page says, e.g. `zh-cn`. */
  readonly language: string;
  /** English texts and what they are in that language; undefined where they stay English. */
  readonly bundle: Readonly<Record<string, string>> | undefined;
}

/** JSON that may stand in a script element: only `<` could end it, or begin a comment. */
const inScript = (json: unknown): string => JSON.stringify(json).replaceAll('<', '\\u003c');

export function pageHtml(options: PageOptions): string {
  const { place, source, script, style, nonce, language, bundle } = options;
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
    <link rel="stylesheet" href="${style}" />
    <title>Gatescope</title>
  </head>
  <body data-gatescope-view="${place}">
    <div id="app"></div>
    ${texts}
    <script nonce="${nonce}" src="${script}"></script>
  </body>
</html>
`;
}
