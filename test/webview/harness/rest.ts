/**
 * Knows when a page is at rest: no frame is asked for, and nothing is put off for a moment. Counts what the page's
 * scripts ask of the browser's clocks, so it is loaded before them.
 */

/** Milliseconds; what is put off for longer is not waited for unless a test says so. */
const SOON = 150;

const timers = new Map<number, number>();
const frames = new Set<number>();
const idles = new Set<number>();

// As the browser has them.
const setTimeout = window.setTimeout.bind(window);
const clearTimeout = window.clearTimeout.bind(window);
const requestAnimationFrame = window.requestAnimationFrame.bind(window);
const cancelAnimationFrame = window.cancelAnimationFrame.bind(window);
const requestIdleCallback = window.requestIdleCallback.bind(window);
const cancelIdleCallback = window.cancelIdleCallback.bind(window);

Object.assign(window, {
  setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): number => {
    const id = setTimeout(() => {
      timers.delete(id);
      run(...args);
    }, ms);
    timers.set(id, ms);
    return id;
  },
  clearTimeout: (id: number | undefined): void => {
    if (id !== undefined) timers.delete(id);
    clearTimeout(id);
  },
  requestAnimationFrame: (run: FrameRequestCallback): number => {
    const id = requestAnimationFrame((time) => {
      frames.delete(id);
      run(time);
    });
    frames.add(id);
    return id;
  },
  cancelAnimationFrame: (id: number): void => {
    frames.delete(id);
    cancelAnimationFrame(id);
  },
  requestIdleCallback: (run: IdleRequestCallback, options?: IdleRequestOptions): number => {
    const id = requestIdleCallback((deadline) => {
      idles.delete(id);
      run(deadline);
    }, options);
    idles.add(id);
    return id;
  },
  cancelIdleCallback: (id: number): void => {
    idles.delete(id);
    cancelIdleCallback(id);
  },
});

const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

/** @param busy what else is under way, @param soon milliseconds within which a timer is waited for */
export async function atRest(busy: () => boolean, soon = SOON): Promise<void> {
  const moving = (): boolean =>
    busy() || frames.size + idles.size > 0 || [...timers.values()].some((milliseconds) => milliseconds <= soon);
  // Two frames: one draws what came, in the next it is seen.
  for (let still = 0; still < 2;) {
    await frame();
    still = moving() ? 0 : still + 1;
  }
}
