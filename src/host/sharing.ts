/**
 * What all views have in common, and what outlives them: where each text is looked at, and what was chosen in this
 * workspace. Kept in memory, and in the workspace's state a moment later, so that it survives a reload of the window.
 */
import type { Look } from '../shared/viewApi';
import type { Pictured } from './firstPicture';

/** `vscode.Memento`, as far as it is used. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const LOOKS = 'gatescope.looks';
const CHOICES = 'gatescope.choices';
const PICTURED = 'gatescope.pictured';
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

function readPictured(from: unknown): Pictured | undefined {
  const { text, tiles } = (from ?? {}) as Partial<Record<keyof Pictured, unknown>>;
  if (typeof text !== 'string' || !Array.isArray(tiles)) return undefined;
  return { text, tiles: tiles as Pictured['tiles'] };
}

export class Sharing {
  readonly #memory: Memory;
  readonly #looks: Map<string, Look>;
  #choices: unknown;
  #pictured: Pictured | undefined;
  readonly #dirty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#looks = readLooks(memory.get(LOOKS));
    this.#choices = memory.get(CHOICES);
    this.#pictured = readPictured(memory.get(PICTURED));
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

  /** What the last picture was made of. */
  get pictured(): Pictured | undefined {
    return this.#pictured;
  }

  set pictured(pictured: Pictured | undefined) {
    this.#pictured = pictured;
    this.#writeSoon(PICTURED);
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
    const values: Readonly<Record<string, unknown>> = {
      [LOOKS]: [...this.#looks],
      [CHOICES]: this.#choices,
      [PICTURED]: this.#pictured,
    };
    for (const key of this.#dirty) void this.#memory.update(key, values[key]);
    this.#dirty.clear();
  }
}
