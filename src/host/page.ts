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
}

export function pageHtml({ place, source, script, style, nonce }: PageOptions): string {
  const policy = [
    `default-src 'none'`,
    `img-src data: blob: ${source}`,
    // The toolkit's components write inline styles; scripts stay nonce-only.
    `style-src ${source} 'unsafe-inline'`,
    `font-src ${source}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" href="${style}" />
    <title>Gatescope</title>
  </head>
  <body data-gatescope-view="${place}">
    <div id="app"></div>
    <script nonce="${nonce}" src="${script}"></script>
  </body>
</html>
`;
}
