/** Jumps to a line, a spike of loss or a large change of state: one at a time, the newest; told when there is none. */
import type { JumpBy, JumpRequest } from '../src/shared/trace';
import { t } from './l10n';

export type JumpTo = JumpRequest['to'];

export interface JumpPorts {
  readonly ask: (request: JumpRequest) => Promise<number | undefined>;
  readonly arrive: (token: number) => void;
  /** A brief hint, seen and read aloud. */
  readonly say: (text: string) => void;
  /** What is being looked for, until it is found; undefined takes it away. */
  readonly wait: (text: string | undefined) => void;
  readonly failed: (error: unknown) => void;
  readonly later: (run: () => void, ms: number) => void;
}

/** A search that is quicker needs no word. */
const PATIENCE = 200;

/** What there is none of. */
function nothing(by: JumpBy, to: JumpTo): string {
  if (to === 'largest')
    return by === 'loss' ? t('This text has no loss.') : t('The state does not change in this text.');
  switch (by) {
    case 'line':
      return to === 'next' ? t('No later line') : t('No earlier line');
    case 'loss':
      return to === 'next' ? t('No later loss spike') : t('No earlier loss spike');
    case 'change':
      return to === 'next' ? t('No later state change') : t('No earlier state change');
  }
}

function looking(by: JumpBy): string {
  switch (by) {
    case 'line':
      return t('Looking for the line… (Esc stops)');
    case 'loss':
      return t('Looking for the loss spike… (Esc stops)');
    case 'change':
      return t('Looking for the state change… (Esc stops)');
  }
}

const same = (a: JumpRequest, b: JumpRequest): boolean =>
  a.trace === b.trace && a.by === b.by && a.to === b.to && a.from === b.from;

export class Jumps {
  readonly #ports: JumpPorts;
  #run = 0;
  #pending = false;
  /** What is being looked for, and how often it was asked for again meanwhile. */
  #request: JumpRequest | undefined;
  #again = 0;

  constructor(ports: JumpPorts) {
    this.#ports = ports;
  }

  /**
   * Takes the place of a jump that is still being looked for; the same one again goes on from where that arrives, for keys
   * are pressed faster than answers come.
   */
  to(request: JumpRequest): void {
    const before = this.#request;
    if (this.#pending && before !== undefined && same(before, request) && request.to !== 'largest') {
      this.#again++;
      return;
    }
    this.cancel();
    this.#ask(request, 0);
  }

  #ask(request: JumpRequest, again: number): void {
    const run = ++this.#run;
    this.#pending = true;
    this.#request = request;
    this.#again = again;
    const { by, to } = request;
    this.#ports.later(() => {
      if (this.#pending && run === this.#run) this.#ports.wait(looking(by));
    }, PATIENCE);
    this.#ports.ask(request).then(
      (token) => {
        if (!this.#end(run)) return;
        if (typeof token !== 'number') {
          this.#ports.say(nothing(by, to));
          return;
        }
        this.#ports.arrive(token);
        if (this.#again > 0) this.#ask({ ...request, from: token }, this.#again - 1);
      },
      (error: unknown) => {
        if (this.#end(run)) this.#ports.failed(error);
      },
    );
  }

  /** Leaves off. @returns whether something was being looked for */
  cancel(): boolean {
    const was = this.#pending;
    this.#end(this.#run);
    this.#run++;
    return was;
  }

  #end(run: number): boolean {
    if (run !== this.#run || !this.#pending) return false;
    this.#pending = false;
    this.#ports.wait(undefined);
    return true;
  }
}
