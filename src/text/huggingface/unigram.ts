/** The unigram language model (Kudo 2018): of all ways to cut a piece into tokens the likeliest, by Viterbi's algorithm. */
import { byteIds, Encoding, SafeCuts, type Encoded, type PieceModel } from './encoding';
import { refuse, type Part } from './json';
import { say } from '../../shared/l10n';

/** An unknown character is as much less likely than the least likely token. */
const UNKNOWN_PENALTY = 10;

/** Characters between breaths. */
const BREATH_CHARACTERS = 8192;

export function unigramOf(part: Part): PieceModel {
  const scores: number[] = [];
  const tokens: string[] = [];
  for (const entry of part.get('vocab').list()) {
    const [token, score] = entry.list();
    if (token === undefined || score === undefined)
      throw refuse(say`${entry.path} is no pair of a token and its score.`);
    tokens.push(token.string());
    scores.push(score.number());
  }
  const unknownId = part.get('unk_id');
  return new Unigram(
    tokens,
    scores,
    unknownId.absent ? undefined : unknownId.id(),
    part.get('byte_fallback').boolean(false),
  );
}

/** The token that ends at a place on the likeliest way there. */
interface Step {
  readonly from: number;
  readonly id: number | undefined;
  readonly score: number;
}

class Unigram implements PieceModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Every beginning of a token: whether to look for longer ones. */
  private readonly beginnings = new Set<string>();
  readonly cuts: SafeCuts;
  private readonly unknownScore: number;

  constructor(
    tokens: readonly string[],
    private readonly scores: readonly number[],
    private readonly unknownId: number | undefined,
    private readonly byteFallback: boolean,
  ) {
    this.vocabulary = new Map(tokens.map((token, id) => [token, id]));
    for (const token of tokens) {
      let beginning = '';
      for (const character of token) this.beginnings.add((beginning += character));
    }
    this.cuts = new SafeCuts(tokens);
    this.unknownScore = scores.reduce((a, b) => Math.min(a, b), Infinity) - UNKNOWN_PENALTY;
  }

  *encode(piece: string): Generator<undefined, Encoded> {
    const all = new Encoding();
    let count = 0;
    for (const { text, start } of this.cuts.sections(piece)) {
      all.append(yield* this.likeliest(text), start, true);
      if (++count % 256 === 0) yield;
    }
    return this.byteFallback ? this.withBytes(all, piece) : all;
  }

  private *likeliest(section: string): Generator<undefined, Encoded> {
    const best = new Array<Step | undefined>(section.length + 1);
    best[0] = { from: 0, id: undefined, score: 0 };
    const offer = (from: number, to: number, id: number | undefined, score: number): void => {
      const known = best[to];
      if (known === undefined || score > known.score) best[to] = { from, id, score };
    };
    let seen = 0;
    let at = 0;
    for (const character of section) {
      const score = best[at]?.score ?? 0;
      const one = at + character.length;
      let single = false;
      for (let end = one; end <= section.length;) {
        const text = section.slice(at, end);
        if (!this.beginnings.has(text)) break;
        const id = this.vocabulary.get(text);
        if (id !== undefined) {
          offer(at, end, id, score + (this.scores[id] ?? 0));
          single ||= end === one;
        }
        end += (section.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
      }
      if (!single) offer(at, one, undefined, score + this.unknownScore);
      at = one;
      if (++seen % BREATH_CHARACTERS === 0) yield;
    }
    const steps: (Step & { to: number })[] = [];
    for (let to = section.length; to > 0;) {
      const step = best[to];
      if (step === undefined) break;
      steps.push({ ...step, to });
      to = step.from;
    }
    const out = new Encoding();
    for (const { from, to, id } of steps.reverse()) {
      if (id === undefined) out.addUnknown(this.unknownId ?? 0, from, to, true);
      else out.add(id, from, to);
    }
    return out;
  }

  /** Unknown characters as their bytes, where the vocabulary has them. */
  private withBytes(all: Encoded, piece: string): Encoded {
    const out = new Encoding();
    for (const [index, id] of all.ids.entries()) {
      const [start, end] = [all.starts[index] ?? 0, all.ends[index] ?? 0];
      if (all.unknown[index] !== true) {
        out.add(id, start, end);
        continue;
      }
      const text = piece.slice(start, end);
      if (byteIds(text, this.vocabulary) === undefined) {
        out.add(id, start, end, true);
        continue;
      }
      let at = start;
      for (const character of text) {
        for (const byte of byteIds(character, this.vocabulary) ?? []) out.add(byte, at, at + character.length);
        at += character.length;
      }
    }
    return out;
  }
}
