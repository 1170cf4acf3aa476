/** Moves the axis to another place in a moment's time, or at once for who prefers reduced motion. */
import type { Axis } from '../layout/axis';

const DURATION = 180;

export class Glide {
  readonly #apply: (axis: Axis) => void;
  #run = 0;

  constructor(apply: (axis: Axis) => void) {
    this.#apply = apply;
  }

  stop(): void {
    this.#run++;
  }

  to(from: Axis, to: Axis): void {
    const run = ++this.#run;
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    // Over many screens, a glide would show only a blur.
    const far = Math.abs(to.start - from.start) > (4 * from.width) / from.scale;
    if (from === to || still || far || from.scale !== to.scale) {
      this.#apply(to);
      return;
    }
    const began = performance.now();
    const step = (now: number): void => {
      if (run !== this.#run) return;
      const t = Math.max(0, Math.min(1, (now - began) / DURATION));
      const eased = 1 - (1 - t) ** 3;
      this.#apply(t === 1 ? to : { ...from, start: from.start + eased * (to.start - from.start) });
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
