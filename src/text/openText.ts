/** From a document or a file to what a network reads of it. */
import type { TokenizerSpec } from '../shared/tokens';
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import { bytesOfFile, bytesOfText, decodeFile, type Decoded } from './decode';
import { huggingFaceText, readTokenizer } from './huggingface/tokenizer';
import { tableText, type TableNeeds } from './tableText';
import type { Breathe, TracedText } from './tracedText';
import { characterText, wordText } from './vocabularyText';

/** A document's text, or a file's bytes. */
export type RawText =
  { readonly name: string; readonly text: string } | { readonly name: string; readonly bytes: Uint8Array };

/** Cuts texts for one model. */
export interface Reader {
  /** Number of ids; 0 for a table. */
  readonly vocab: number;
  /** @throws empty-text, text-too-large, binary-file, bad-table; what `breathe` throws */
  read(text: RawText, breathe: Breathe): Promise<TracedText>;
}

/** @throws bad-vocabulary for a tokenizer that is not supported */
export function tokenReader(spec: TokenizerSpec): Reader {
  switch (spec.kind) {
    case 'bytes':
      return {
        vocab: 256,
        read: (raw, breathe) =>
          'text' in raw ? bytesOfText(raw.name, raw.text, breathe) : bytesOfFile(raw.name, raw.bytes, breathe),
      };
    case 'characters':
      return decoded(spec.tokens.length, (text, notes, breathe) => characterText(text, spec, notes, breathe));
    case 'words':
      return decoded(spec.tokens.length, (text, notes, breathe) => wordText(text, spec, notes, breathe));
    case 'huggingface': {
      const tokenizer = readTokenizer(spec.json);
      return decoded(tokenizer.tokens.length, (text, notes, breathe) =>
        huggingFaceText(text, tokenizer, notes, breathe),
      );
    }
  }
}

export const tableReader = (needs: TableNeeds): Reader => ({
  vocab: 0,
  read: (raw, breathe) => {
    const { text, notes } = decode(raw);
    return tableText(raw.name, text, needs, notes, breathe);
  },
});

type Cut = (text: string, notes: readonly Text[], breathe: Breathe) => Promise<TracedText>;

const decoded = (vocab: number, cut: Cut): Reader => ({
  vocab,
  read: async (raw, breathe) => {
    const { text, notes } = decode(raw);
    const traced = await cut(text, notes, breathe);
    if (traced.steps > 0) return traced;
    throw new GatescopeError(
      'empty-text',
      say`${raw.name} has no token: there is nothing to trace. Write some text and trace again.`,
    );
  },
});

function decode(raw: RawText): Decoded {
  if ('bytes' in raw) return decodeFile(raw.name, raw.bytes);
  if (raw.text !== '') return { text: raw.text, notes: [] };
  throw new GatescopeError(
    'empty-text',
    say`${raw.name} is empty: there is nothing to trace. Write some text and trace again.`,
  );
}
