/**
 * What all views have in common, and what outlives them: where each text is looked at, and what was chosen in this
 * workspace. Kept in memory, and in the workspace's state a moment later, so that it survives a reload of the window.
 */
import type { Look } from '../shared/viewApi';

/** `vscode.Memento`, as far as it is used. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const LOOKS = 'gatescope.looks';
const CHOICES = 'gatescope.choices';
/** Texts whose places are kept: the newest. */
const MOST_LOOKS = 100;
/** Rest after which the workspace's state is written, in milliseconds. */
const WRITE_AFTER = 500;

const isLook = (value: unknown): value is Look => {
  const { from, to } = (value ?? {}) as Partial<Record<keyof Look, unknown>>;
  return (
    typeof from === 'number' && typeof to === 'number' && Number.isFinite(from) && Number.isFinite(to) && to > from
  );
};

/** Places by text, the newest last. What cannot be read is left out. */
function readLooks(from: unknown): Map<string, Look> {
  const entries = (Array.isArray(from) ? from : []).flatMap((entry: unknown): [string, Look][] => {
    const [key, look] = Array.isArray(entry) ? (entry as unknown[]) : [];
    return typeof key === 'string' && isLook(look) ? [[key, { from: look.from, to: look.to }]] : [];
  });
  return new Map(entries);
}

export class Sharing {
  readonly #memory: Memory;
  readonly #looks: Map<string, Look>;
  #choices: unknown;
  readonly #dirty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#looks = readLooks(memory.get(LOOKS));
    this.#choices = memory.get(CHOICES);
  }

  /** Writes at once what waits to be written. */
  dispose(): void {
    this.#write();
  }

  /** @param text its URI */
  look(text: string): Look | undefined {
    return this.#looks.get(text);
  }

  setLook(text: string, look: Look): void {
    if (!isLook(look)) return;
    this.#looks.delete(text);
    this.#looks.set(text, { from: look.from, to: look.to });
    for (const oldest of this.#looks.keys()) {
      if (this.#looks.size <= MOST_LOOKS) break;
      this.#looks.delete(oldest);
    }
    this.#writeSoon(LOOKS);
  }

  /** As a view gave them, or they were remembered; undefined where nothing was chosen yet. */
  get choices(): unknown {
    return this.#choices;
  }

  set choices(choices: unknown) {
    this.#choices = choices;
    this.#writeSoon(CHOICES);
  }

  #writeSoon(key: string): void {
    this.#dirty.add(key);
    this.#timer ??= setTimeout(() => {
      this.#write();
    }, WRITE_AFTER);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const key of this.#dirty) void this.#memory.update(key, key === LOOKS ? [...this.#looks] : this.#choices);
    this.#dirty.clear();
  }
}
