/** The language of the extension host: texts through VS Code's bundle, and messages that came without a language. */
import * as vscode from 'vscode';
import { asGatescopeError } from '../shared/errors';
import { fill, textIn, type Text, type Translate } from '../shared/l10n';

/** @param text in English, a literal, its values written {0}, {1} … @param args those values */
export const t: Translate = (text, ...args) => fill(vscode.l10n.t(text), ...args);

/** A text in the person's language. */
export const shown = (text: Text): string => textIn(text, t);

/** What is said of any thrown value. */
export const shownError = (error: unknown): string => shown(asGatescopeError(error).text);
