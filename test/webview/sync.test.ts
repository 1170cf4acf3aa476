/** When a view tells the host where it looks and what was chosen: of a person's doing only, and once. */
import { describe, expect, it } from 'vitest';
import { setAxis, choose, lookAt, type State } from '../../webview/state';
import { toggleTrack } from '../../webview/choices';
import { Sync } from '../../webview/sync';
import { shownState, traceInfo } from './traceInfo';

const shown = shownState();
const panned = (start: number, from: State = shown): State => setAxis(from, { ...from.axis, start });

function setUp() {
  const told: unknown[] = [];
  let now = 0;
  let waiting: { run: () => void; at: number }[] = [];
  const sync = new Sync(shown, {
    look: (trace, { from }) => told.push([trace, from]),
    remember: (choices) => told.push(choices.tracks.length),
    later: (run, ms) => waiting.push({ run, at: now + ms }),
    now: () => now,
  });
  const pass = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const next = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      waiting = waiting.filter((other) => other !== next);
      now = next.at;
      next.run();
    }
    now = end;
  };
  sync.changed(shown);
  return { sync, told, pass };
}

describe('a view', () => {
  it('tells nothing of where it begins', () => {
    const { told, pass } = setUp();
    pass(1000);
    expect(told).toEqual([]);
  });

  it('tells where a person moves, not more often than a frame or three', () => {
    const { sync, told, pass } = setUp();
    for (let start = 1; start <= 100; start++) {
      sync.changed(panned(start));
      pass(10);
    }
    pass(100);
    expect(told.length).toBeLessThanOrEqual(21);
    expect(told.at(-1)).toEqual([1, 100]);
  });

  it('does not tell back where another view, or the layout, brought it', () => {
    const { sync, told, pass } = setUp();
    const there = lookAt(shown, { from: 300, to: 366 });
    sync.settle(there);
    sync.changed(there);
    pass(1000);
    expect(told).toEqual([]);
    sync.changed(panned(400, there));
    pass(100);
    expect(told).toEqual([[1, 400]]);
  });

  it('that moved and was then sent elsewhere tells neither', () => {
    const { sync, told, pass } = setUp();
    sync.changed(panned(50));
    sync.settle(panned(300));
    pass(1000);
    expect(told).toEqual([]);
  });

  it('that follows the editor tells once it is there', () => {
    const { sync, told, pass } = setUp();
    sync.following();
    for (let start = 10; start <= 180; start += 10) {
      sync.changed(panned(start));
      pass(10);
    }
    expect(told).toEqual([]);
    pass(1000);
    expect(told).toEqual([[1, 180]]);
  });

  it('begins anew with another trace', () => {
    const { sync, told, pass } = setUp();
    sync.changed(panned(70, shownState(traceInfo(2))));
    pass(1000);
    expect(told).toEqual([]);
  });

  it('has what was chosen remembered, and not what another view chose', () => {
    const { sync, told, pass } = setUp();
    const chosen = toggleTrack(shown.choices, { signal: 'cell' });
    sync.changed(choose(shown, chosen));
    pass(1000);
    expect(told).toEqual([shown.choices.tracks.length - 1]);
    const others = toggleTrack(chosen, { signal: 'forget' });
    sync.chosen(others);
    sync.changed(choose(shown, others));
    pass(1000);
    expect(told.length).toBe(1);
  });

  it('keeps a look until it has a width, once', () => {
    const { sync } = setUp();
    sync.hold({ from: 1, to: 2 });
    expect([sync.take(), sync.take()]).toEqual([{ from: 1, to: 2 }, undefined]);
  });
});
