/** What views share: the place of each text and the choices, kept for the next window. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sharing, type Memory } from '../../src/host/sharing';

function memory(
  kept: Record<string, unknown> = {},
): Memory & { readonly kept: Record<string, unknown>; writes: number } {
  const made = {
    kept,
    writes: 0,
    get: (key: string) => kept[key],
    update: (key: string, value: unknown) => {
      // What VS Code keeps is JSON.
      kept[key] = JSON.parse(JSON.stringify(value));
      made.writes++;
      return Promise.resolve();
    },
  };
  return made;
}

describe('what views share', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is there at once, and for the next window a moment later, in one writing', () => {
    const store = memory();
    const sharing = new Sharing(store);
    for (let from = 0; from < 50; from++) sharing.setLook('file:///a.txt', { from, to: from + 10 });
    sharing.choices = { version: 2 };
    expect([sharing.look('file:///a.txt'), sharing.look('file:///b.txt')]).toEqual([{ from: 49, to: 59 }, undefined]);
    expect(store.writes).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(store.writes).toBe(2);
    const next = new Sharing(store);
    expect([next.look('file:///a.txt'), next.choices]).toEqual([{ from: 49, to: 59 }, { version: 2 }]);
  });

  it('has what the last picture was made of', () => {
    const store = memory();
    const sharing = new Sharing(store);
    const pictured = { text: 'a', tiles: [{ layer: 0, signal: 'cell', level: 0, index: 2 }] } as const;
    expect(sharing.pictured).toBeUndefined();
    sharing.pictured = pictured;
    sharing.dispose();
    expect(new Sharing(store).pictured).toEqual(pictured);
    expect(new Sharing(memory({ 'gatescope.pictured': { text: 1 } })).pictured).toBeUndefined();
  });

  it('is written when the window closes', () => {
    const store = memory();
    const sharing = new Sharing(store);
    sharing.setLook('a', { from: 1, to: 2 });
    sharing.dispose();
    expect(new Sharing(store).look('a')).toEqual({ from: 1, to: 2 });
    vi.advanceTimersByTime(1000);
    expect(store.writes).toBe(1);
  });

  it('keeps the newest hundred places', () => {
    const sharing = new Sharing(memory());
    for (let n = 0; n < 120; n++) sharing.setLook(String(n), { from: n, to: n + 1 });
    sharing.setLook('20', { from: 0, to: 9 });
    sharing.setLook('new', { from: 0, to: 1 });
    expect([sharing.look('19'), sharing.look('21'), sharing.look('20')]).toEqual([
      undefined,
      undefined,
      { from: 0, to: 9 },
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['no list', 'looks'],
    ['other things', [1, null, ['a'], ['b', { from: 'x', to: 2 }], ['c', { from: 5, to: 5 }]]],
  ])('begins anew where what was kept is %s', (_, looks) => {
    const sharing = new Sharing(memory({ 'gatescope.looks': looks }));
    expect(['a', 'b', 'c'].map((text) => sharing.look(text))).toEqual([undefined, undefined, undefined]);
  });

  it('takes no place that is none', () => {
    const sharing = new Sharing(memory());
    sharing.setLook('a', { from: NaN, to: 3 });
    sharing.setLook('b', { from: 4, to: 3 });
    expect([sharing.look('a'), sharing.look('b')]).toEqual([undefined, undefined]);
  });
});
