/**
 * In every frame of a window, from before its first script on: tells when something was painted, when a hover shows,
 * and how long frames take. Times are of the clock that all frames share, in milliseconds.
 */

import type { Box, Frames, Turn } from './turns';

/** Marks that end a way to first pixels: the bench's pages', and the product's. */
const FIRST = new Set(['gatescope-bench:painted', 'gatescope:first-pixels']);

declare global {
  interface Window {
    /** Of the bench: a mark of this name was made, and the frame that it is in was handed over. */
    gatescopeBenchSay?: (what: string, at: number) => void;
    gatescopeBench: Bench;
  }
}

const now = (): number => performance.timeOrigin + performance.now();

class Bench {
  readonly #marks: Record<string, number> = {};
  #keys: { key: string; at: number }[] = [];

  constructor() {
    const mark = performance.mark.bind(performance);
    performance.mark = (name, options) => {
      if (FIRST.has(name)) {
        // The frame after the next begins when this one was handed over.
        requestAnimationFrame(() => {
          requestAnimationFrame(() => window.gatescopeBenchSay?.(name, now()));
        });
      }
      if (name.startsWith('gatescope')) this.#marks[name] = now();
      return mark(name, options);
    };
    window.addEventListener(
      'keydown',
      (event) => {
        this.#keys.push({ key: event.key, at: performance.timeOrigin + event.timeStamp });
      },
      { capture: true },
    );
  }

  /** When each of the product's marks was made last here, and when the page began. */
  marks(): Readonly<Record<string, number>> {
    return { page: performance.timeOrigin, ...this.#marks };
  }

  /** When a key was last pressed here. */
  pressed(key: string): number {
    const found = this.#keys.filter((entry) => entry.key.toLowerCase() === key).pop();
    this.#keys = [];
    if (found === undefined) throw new Error(`${key} was not pressed here.`);
    return found.at;
  }

  /** Waits for a move of the pointer, then for a hover that has the text, and gives the time between. */
  hover(text: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`No hover said “${text}”.`));
      }, 10_000);
      window.addEventListener(
        'pointermove',
        ({ timeStamp }) => {
          const look = (): void => {
            if (shownHover()?.includes(text) !== true) {
              requestAnimationFrame(look);
              return;
            }
            clearTimeout(late);
            requestAnimationFrame(() => {
              resolve(performance.now() - timeStamp);
            });
          };
          look();
        },
        { capture: true, once: true },
      );
    });
  }

  /** Where the text of an editor's lines is. @param column of the editor, from 1 */
  lines(column: number): readonly Box[] {
    const editor = document.querySelectorAll('.editor-instance')[column - 1];
    return [...(editor?.querySelectorAll('.view-line') ?? [])].map((line) => {
      const { x, y, width, height } = (line.querySelector('span > span') ?? line).getBoundingClientRect();
      return { x, y, width, height };
    });
  }

  hoverShown(): boolean {
    return shownHover() !== undefined;
  }

  /** Turns the wheel over an element, once a frame. */
  frames(selector: string, turns: readonly Turn[]): Promise<Frames> {
    const target = document.querySelector(selector);
    if (target === null) throw new Error(`The page has no ${selector}.`);
    const box = target.getBoundingClientRect();
    const { port1, port2 } = new MessageChannel();
    const [intervals, work]: [number[], number[]] = [[], []];
    return new Promise((resolve) => {
      let [begun, n] = [0, 0];
      // Comes once the frame's callbacks, layout and painting are through.
      port2.onmessage = () => work.push(performance.now() - begun);
      const frame = (): void => {
        const start = performance.now();
        if (n > 0) intervals.push(start - begun);
        begun = start;
        const turn = turns[n++];
        if (turn === undefined) {
          resolve({ intervals, work });
          return;
        }
        port1.postMessage(undefined);
        target.dispatchEvent(
          new WheelEvent('wheel', {
            deltaX: turn.dx,
            deltaY: turn.dy,
            ctrlKey: turn.ctrl,
            clientX: box.left + turn.x * box.width,
            clientY: box.top + box.height / 2,
            bubbles: true,
            cancelable: true,
          }),
        );
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  /** The largest canvas, in device pixels: where the heatmaps are. */
  canvasSize(): { readonly width: number; readonly height: number } {
    const [largest] = [...document.querySelectorAll('canvas')].sort((a, b) => b.width * b.height - a.width * a.height);
    return { width: largest?.width ?? 0, height: largest?.height ?? 0 };
  }

  /** How many different colours the canvases show, of every 97th pixel: one when nothing is drawn. */
  colours(): number {
    const seen = new Set<number>();
    for (const canvas of document.querySelectorAll('canvas')) {
      const copy = new OffscreenCanvas(canvas.width || 1, canvas.height || 1);
      const context = copy.getContext('2d');
      context?.drawImage(canvas, 0, 0);
      const { data } = context?.getImageData(0, 0, copy.width, copy.height) ?? { data: new Uint8ClampedArray() };
      for (let n = 0; n < data.length; n += 4 * 97) {
        seen.add(((data[n] ?? 0) << 16) | ((data[n + 1] ?? 0) << 8) | (data[n + 2] ?? 0));
      }
    }
    return seen.size;
  }
}

/** Text of the editor's hover, if it is in sight. */
function shownHover(): string | undefined {
  for (const hover of document.querySelectorAll<HTMLElement>('.monaco-editor .monaco-hover, .monaco-resizable-hover')) {
    if (hover.classList.contains('hidden') || hover.offsetParent === null) continue;
    const text = hover.textContent;
    if (text !== '' && getComputedStyle(hover).visibility !== 'hidden') return text;
  }
  return undefined;
}

window.gatescopeBench = new Bench();
