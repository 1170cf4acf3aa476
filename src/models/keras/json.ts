/** Values of a JSON text from a stranger, asked for by name and kind. */
import { damaged } from '../errors';
import { say } from '../../shared/l10n';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export const textOf = (object: JsonObject, ...keys: readonly string[]): string | undefined =>
  keys.map((key) => object[key]).find((value) => typeof value === 'string');

export const numberOf = (object: JsonObject, ...keys: readonly string[]): number | undefined =>
  keys.map((key) => object[key]).find((value) => typeof value === 'number');

/** @param what the text, for messages @throws model-damaged */
export function parseJson(file: string, what: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw damaged(file, say`${what} is not JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
}
