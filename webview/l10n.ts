/** The page's language: texts through the bundle that the host gives to the page (src/host/page.ts), else in English. */
import { config, t as translate } from '@vscode/l10n';
import { asGatescopeError } from '../src/shared/errors';
import { fill, textIn, type Text, type Translate } from '../src/shared/l10n';

/** As the page is loaded, before any other module asks: texts may stand in tables at the top of a file. */
function readBundle(): void {
  // The layout and its tests run without a DOM.
  const block = typeof document === 'undefined' ? null : document.getElementById('l10n');
  const contents = block?.textContent ?? '';
  if (contents !== '') config({ contents });
}

readBundle();

/** @param text in English, a literal, its values written {0}, {1} … @param args those values */
export const t: Translate = (text, ...args) => fill(translate(text), ...args);

/** A text in the page's language. */
export const shown = (text: Text): string => textIn(text, t);

/** What is said of any thrown value. */
export const shownError = (error: unknown): string => shown(asGatescopeError(error).text);
