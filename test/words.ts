/** Texts as a person reads them, in English. */
import { textIn, type Text } from '../src/shared/l10n';

export const words = (texts: readonly Text[]): string[] => texts.map((text) => textIn(text));

/** What says something, with what it warns of and leaves out in words. */
export const inWords = <T extends Partial<Record<'warnings' | 'notRun', readonly Text[]>>>(told: T): T => ({
  ...told,
  ...(told.warnings && { warnings: words(told.warnings) }),
  ...(told.notRun && { notRun: words(told.notRun) }),
});
