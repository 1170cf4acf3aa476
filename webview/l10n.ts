/** The page's language: texts through the bundle that the host gives to the page (src/host/page.ts), else in English. */
import { config, t as translate } from '@vscode/l10n';

/** As the page is loaded, before any other module asks: texts may stand in tables at the top of a file. */
function readBundle(): void {
  // The layout and its tests run without a DOM.
  const block = typeof document === 'undefined' ? null : document.getElementById('l10n');
  const contents = block?.textContent ?? '';
  if (contents !== '') config({ contents });
}

readBundle();

/** @param text in English, a literal, its values written {0}, {1} … @param args those values */
export const t = (text: string, ...args: (string | number)[]): string => translate(text, ...args);
