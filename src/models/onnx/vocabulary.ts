/** What an ONNX file's metadata_props say of its tokens: a vocabulary as JSON, under the names that people give it. */
import type { TokenizerSpec } from '../../shared/tokens';

const NAMES = [
  'tokenizer',
  'vocab',
  'vocabulary',
  'stoi',
  'itos',
  'char2idx',
  'idx2char',
  'chars',
  'word2idx',
  'idx2word',
  'token_to_id',
  'id_to_token',
];
const UNKNOWN = /^(?:<unk>|\[unk\]|<unknown>|unk|�)$/iu;
const MOST_TOKENS = 1_000_000;

/** @param vocab tokens of the model's input; a list of another length is not its vocabulary */
export function tokenizerOf(
  metadata: Readonly<Record<string, string>>,
  vocab: number | undefined,
): TokenizerSpec | undefined {
  const entries = Object.entries(metadata).map(([name, text]): [string, string] => [lastPart(name), text]);
  for (const name of NAMES) {
    for (const [found, text] of entries) {
      if (found !== name) continue;
      const spec = specOf(text, vocab);
      if (spec) return spec;
    }
  }
  return undefined;
}

/** `model.vocab` → `vocab` */
const lastPart = (name: string): string => (name.toLowerCase().split(/[.:/]/u).at(-1) ?? '').trim();

function specOf(text: string, vocab: number | undefined): TokenizerSpec | undefined {
  if (/^"?bytes?"?$/iu.test(text.trim())) return vocab === undefined || vocab <= 256 ? { kind: 'bytes' } : undefined;
  const value = parsed(text);
  if (value !== undefined && isRecord(value) && isRecord(value['model'])) return { kind: 'huggingface', json: value };
  const tokens = value === undefined ? Array.from(text) : tokensOf(value);
  if (tokens === undefined || tokens.length < 2) return undefined;
  if (vocab !== undefined && (tokens.length > vocab || tokens.length < vocab - 2)) return undefined;
  return spec(tokens);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list by id, a string of characters, ids by token, or tokens by id. */
function tokensOf(value: unknown): string[] | undefined {
  // By code points, as Python iterates a str.
  if (typeof value === 'string') return Array.from(value);
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? value : undefined;
  if (!isRecord(value)) return undefined;
  const pairs = Object.entries(value).map(([key, one]): [number, string] | undefined => {
    if (typeof one === 'number') return [one, key];
    return typeof one === 'string' && /^\d{1,7}$/u.test(key) ? [Number(key), one] : undefined;
  });
  const known = pairs.filter((pair) => pair !== undefined);
  if (known.length !== pairs.length) return undefined;
  const most = known.reduce((sum, [id]) => Math.max(sum, id), -1);
  if (!known.every(([id]) => Number.isInteger(id) && id >= 0) || most >= MOST_TOKENS || most >= 2 * known.length + 16) {
    return undefined;
  }
  const tokens = new Array<string>(most + 1).fill('');
  for (const [id, token] of known) tokens[id] = token;
  return tokens;
}

function spec(tokens: readonly string[]): TokenizerSpec {
  const unknown = tokens.findIndex((token) => UNKNOWN.test(token));
  const plain = tokens.filter((token) => token !== '' && !/^[<[].+[>\]]$/u.test(token));
  const kind = plain.every((token) => Array.from(token).length === 1) ? 'characters' : 'words';
  return { kind, tokens, ...(unknown >= 0 && { unknown }) };
}
