/** Parts of a tokenizer.json, taken with their types checked; an error names the place. */
import { GatescopeError } from '../../shared/errors';
import { say, type Text } from '../../shared/l10n';
import { isRecord } from '../../shared/json';

const QUOTED = 60;

export const refuse = (what: Text): GatescopeError =>
  new GatescopeError('bad-vocabulary', say`${'tokenizer.json'}: ${what}`);

/** @param what with its article: `the normalizer "Precompiled"` */
export const notSupported = (what: Text): GatescopeError =>
  refuse(say`It has ${what}, which is not supported, so that its tokens would be wrong.`);

export function quoteJson(value: unknown): string {
  let text: string;
  try {
    text = value === undefined ? 'nothing' : JSON.stringify(value);
  } catch {
    text = 'a deep nest';
  }
  return text.length > QUOTED ? `${text.slice(0, QUOTED - 1)}…` : text;
}

/** A value and the way to it. */
export class Part {
  constructor(
    readonly value: unknown,
    readonly path: string,
  ) {}

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get(key: string): Part {
    if (!isRecord(this.value)) throw this.wrong(say`an object`);
    // Only own keys: `__proto__` and its kin are none.
    return new Part(Object.hasOwn(this.value, key) ? this.value[key] : undefined, `${this.path}.${key}`);
  }

  list(): Part[] {
    if (!Array.isArray(this.value)) throw this.wrong(say`a list`);
    return this.value.map((value: unknown, index) => new Part(value, `${this.path}[${String(index)}]`));
  }

  entries(): [string, Part][] {
    if (!isRecord(this.value)) throw this.wrong(say`an object`);
    return Object.entries(this.value).map(([key, value]) => [key, new Part(value, `${this.path}.${key}`)]);
  }

  string(fallback?: string): string {
    if (this.absent && fallback !== undefined) return fallback;
    if (typeof this.value !== 'string') throw this.wrong(say`a text`);
    return this.value;
  }

  boolean(fallback: boolean): boolean {
    if (this.absent) return fallback;
    if (typeof this.value !== 'boolean') throw this.wrong(say`true or false`);
    return this.value;
  }

  number(fallback?: number): number {
    if (this.absent && fallback !== undefined) return fallback;
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) throw this.wrong(say`a number`);
    return this.value;
  }

  /** An id of a token. */
  id(): number {
    const id = this.number();
    if (!Number.isInteger(id) || id < 0 || id > MOST_ID) throw this.wrong(say`a whole number from 0 to ${MOST_ID}`);
    return id;
  }

  one<T extends string>(names: readonly T[], fallback: T): T {
    if (this.absent) return fallback;
    const found = names.find((name) => name === this.value);
    if (found === undefined) throw this.wrong(say`one of ${names.join(', ')}`);
    return found;
  }

  private wrong(expected: Text): GatescopeError {
    return refuse(say`${this.path} is ${quoteJson(this.value)}; it must be ${expected}.`);
  }
}

/** Pairs of ids are kept in one number. */
export const MOST_ID = 2 ** 26 - 1;
