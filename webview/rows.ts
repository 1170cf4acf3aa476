/** Exact values of single tokens: the latest wish is asked for, one at a time, and the last few hundred are kept. */
import type { TokenRow } from '../src/shared/trace';

const KEPT = 256;

export class RowStore {
  readonly #fetch: (token: number) => Promise<TokenRow>;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #rows = new Map<number, TokenRow>();
  #wanted: number | undefined;
  #asking = false;
  #generation = 0;

  constructor(fetch: (token: number) => Promise<TokenRow>, changed: () => void, failed: (error: unknown) => void) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#failed = failed;
  }

  clear(): void {
    this.#rows.clear();
    this.#wanted = undefined;
    this.#asking = false;
    this.#generation++;
  }

  get(token: number): TokenRow | undefined {
    return this.#rows.get(token);
  }

  /** Asks for a row unless it is here. A wish not yet sent gives way to the next: the pointer is faster than replies. */
  want(token: number): void {
    if (this.#rows.has(token)) {
      this.#wanted = undefined;
      return;
    }
    this.#wanted = token;
    this.#pump();
  }

  #pump(): void {
    const token = this.#wanted;
    if (this.#asking || token === undefined) return;
    const generation = this.#generation;
    this.#asking = true;
    this.#wanted = undefined;
    const settle = (row: TokenRow | undefined, error: unknown): void => {
      if (generation !== this.#generation) return;
      this.#asking = false;
      if (row === undefined) this.#failed(error);
      else {
        this.#rows.set(token, row);
        const oldest = this.#rows.keys().next();
        if (this.#rows.size > KEPT && oldest.done !== true) this.#rows.delete(oldest.value);
        this.#changed();
      }
      this.#pump();
    };
    this.#fetch(token).then(
      (row) => {
        settle(row, undefined);
      },
      (error: unknown) => {
        settle(undefined, error);
      },
    );
  }
}
