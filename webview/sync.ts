/**
 * Keeps the views of a trace at one place and with the same choices: says when the host is to be told, and when not. A
 * place that the host or the layout brought about is not told back, so two views cannot chase each other.
 */
import type { TraceId } from '../src/shared/trace';
import type { Look } from '../src/shared/viewApi';
import type { Choices } from './choices';
import { lookOf, traceOf, type State } from './state';

export interface SyncPorts {
  readonly look: (trace: TraceId, look: Look) => void;
  readonly remember: (choices: Choices) => void;
  readonly later: (run: () => void, ms: number) => void;
  readonly now: () => number;
}

/** Milliseconds between two tellings of a place while it moves. */
const LOOK_EVERY = 50;
/** The editor sends all views to one place, and each glides there by itself. */
const FOLLOWING = 400;
const REMEMBER_AFTER = 150;

/** In tokens: below, two views are at the same place. */
const SAME = 1e-6;
const same = (a: Look, b: Look): boolean => Math.abs(a.from - b.from) < SAME && Math.abs(a.to - b.to) < SAME;

export class Sync {
  readonly #ports: SyncPorts;
  #state: State;
  /** Where the others believe this view to be. */
  #known: { readonly trace: TraceId; readonly look: Look } | undefined;
  #choices: Choices;
  #held: Look | undefined;
  #quietUntil = 0;
  #looking = false;
  #remembering = false;

  constructor(state: State, ports: SyncPorts) {
    this.#ports = ports;
    this.#state = state;
    this.#choices = state.choices;
  }

  /** To be told of every state: what a person moved or chose is passed on. */
  changed(state: State): void {
    this.#state = state;
    if (state.choices !== this.#choices) this.#rememberSoon();
    const trace = traceOf(state)?.info.id;
    if (trace === undefined || state.axis.width === 0) return;
    if (this.#known?.trace !== trace) this.settle(state);
    else if (!same(this.#known.look, lookOf(state))) this.#lookSoon();
  }

  /** The state is where it is by the host or the layout, and not by a person. */
  settle(state: State): void {
    this.#state = state;
    const trace = traceOf(state)?.info.id;
    if (trace !== undefined && state.axis.width > 0) this.#known = { trace, look: lookOf(state) };
  }

  /** The host has sent all views somewhere: until they are there, none tells. */
  following(): void {
    this.#quietUntil = this.#ports.now() + FOLLOWING;
  }

  /** The choices are another view's, or were remembered. */
  chosen(choices: Choices): void {
    this.#choices = choices;
  }

  /** Keeps a look for when the view has a width. */
  hold(look: Look | undefined): void {
    this.#held = look;
  }

  /** The look that waits for a width, once. */
  take(): Look | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  #lookSoon(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#ports.later(
      () => {
        this.#looking = false;
        const trace = traceOf(this.#state)?.info.id;
        const look = lookOf(this.#state);
        if (trace === undefined || this.#known?.trace !== trace || same(this.#known.look, look)) return;
        if (this.#ports.now() < this.#quietUntil) {
          this.#lookSoon();
          return;
        }
        this.#known = { trace, look };
        this.#ports.look(trace, look);
      },
      Math.max(LOOK_EVERY, this.#quietUntil - this.#ports.now()),
    );
  }

  #rememberSoon(): void {
    if (this.#remembering) return;
    this.#remembering = true;
    this.#ports.later(() => {
      this.#remembering = false;
      const { choices } = this.#state;
      if (choices === this.#choices) return;
      this.#choices = choices;
      this.#ports.remember(choices);
    }, REMEMBER_AFTER);
  }
}
