/** What the parts of a view stand on: its one state and the ways to change it, the stage, the host, and a voice. */
import type { Remote } from '../src/shared/rpc';
import type { ViewHostApi } from '../src/shared/viewApi';
import type { State } from './state';
import type { Stage } from './ui/stage';

export interface Ground {
  readonly state: () => State;
  readonly set: (next: State) => void;
  /** Takes all of a state at once but its axis, to which it glides. */
  readonly glideTo: (next: State) => void;
  /** Ends a glide where it is: the person moves the picture. */
  readonly still: () => void;
  readonly stage: Stage;
  readonly host: () => Remote<ViewHostApi>;
  /** A brief hint, seen and read aloud. */
  readonly say: (text: string) => void;
  /** Read aloud, not shown: the picture says it already. */
  readonly speak: (text: string) => void;
  /** What is being done, until it is done; undefined takes it away. */
  readonly wait: (text: string | undefined) => void;
  readonly report: (error: unknown) => void;
}

/** Runs later, in milliseconds. */
export const later = (run: () => void, ms: number): void => {
  window.setTimeout(run, ms);
};
