/** Models that look whole pieces up: WordLevel, and WordPiece (Schuster & Nakajima 2012), which takes the longest first. */
import { Encoding, type Encoded, type PieceModel } from './encoding';
import type { Part } from './json';

const unknownOf = (part: Part, vocabulary: ReadonlyMap<string, number>, usual: string): number =>
  vocabulary.get(part.get('unk_token').string(usual)) ?? 0;

const oneToken = (id: number, piece: string, unknown: boolean): Encoded => ({
  ids: [id],
  starts: [0],
  ends: [piece.length],
  unknown: [unknown],
});

export function wordLevelOf(part: Part, vocabulary: ReadonlyMap<string, number>): PieceModel {
  const unknown = unknownOf(part, vocabulary, '<unk>');
  return {
    vocabulary,
    cuts: undefined,

    *encode(piece) {
      const id = vocabulary.get(piece);
      return oneToken(id ?? unknown, piece, id === undefined);
    },
  };
}

export function wordPieceOf(part: Part, vocabulary: ReadonlyMap<string, number>): PieceModel {
  const unknown = unknownOf(part, vocabulary, '[UNK]');
  const prefix = part.get('continuing_subword_prefix').string('##');
  const most = part.get('max_input_chars_per_word').number(100);
  return {
    vocabulary,
    cuts: undefined,

    *encode(piece) {
      // As many characters, not units.
      if (piece.length > most && Array.from(piece).length > most) return oneToken(unknown, piece, true);
      const out = new Encoding();
      for (let at = 0; at < piece.length;) {
        let end = piece.length;
        let id: number | undefined;
        while (end > at) {
          id = vocabulary.get((at > 0 ? prefix : '') + piece.slice(at, end));
          if (id !== undefined) break;
          end--;
        }
        // One part that is unknown makes the whole word so.
        if (id === undefined) return oneToken(unknown, piece, true);
        out.add(id, at, end);
        at = end;
      }
      return out;
    },
  };
}
