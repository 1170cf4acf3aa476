import { describe, expect, it } from 'vitest';
import { EditMap, sameEnds, type Change } from '../../src/host/editMap';

/** A text as its character numbers; inserted ones are -1. */
function edited(length: number, changes: readonly Change[]): number[] {
  const ids = Array.from({ length }, (_, i) => i);
  for (const { offset, length: removed, inserted } of changes) {
    ids.splice(offset, removed, ...Array.from({ length: inserted }, () => -1));
  }
  return ids;
}

function mapped(length: number, changes: readonly Change[]): EditMap {
  const map = new EditMap(length);
  for (const change of changes) map.apply(change);
  return map;
}

const change = (offset: number, length: number, inserted: number): Change => ({ offset, length, inserted });

/** A repeatable sequence of pseudo-random numbers (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

describe('a character after edits', () => {
  it.each([
    ['nothing changed', [], { start: 4, end: 5 }, { start: 4, end: 5 }],
    ['text inserted before', [change(0, 0, 3)], { start: 4, end: 5 }, { start: 7, end: 8 }],
    ['text inserted right before', [change(4, 0, 3)], { start: 4, end: 5 }, { start: 7, end: 8 }],
    ['text inserted right after', [change(5, 0, 3)], { start: 4, end: 5 }, { start: 4, end: 5 }],
    ['text removed before', [change(1, 2, 0)], { start: 4, end: 5 }, { start: 2, end: 3 }],
    ['the character removed', [change(4, 1, 0)], { start: 4, end: 5 }, undefined],
    ['the character overwritten', [change(4, 1, 1)], { start: 4, end: 5 }, undefined],
    ['its second unit overwritten', [change(5, 1, 1)], { start: 4, end: 6 }, undefined],
    ['text inserted between its units', [change(5, 0, 1)], { start: 4, end: 6 }, undefined],
    ['typed and taken back', [change(4, 0, 1), change(4, 1, 0)], { start: 4, end: 5 }, { start: 4, end: 5 }],
  ] as const)('%s', (_, changes, traced, live) => {
    expect(mapped(10, changes).toLive(traced)).toEqual(live);
  });
});

describe('undo', () => {
  it.each([
    ['typing taken back', [change(4, 0, 2), change(4, 2, 0)], 'abcdefghij', true],
    ['removed text put back', [change(3, 2, 0), change(3, 0, 2)], 'abcdefghij', true],
    ['a letter replaced by itself', [change(3, 1, 1)], 'abcdefghij', true],
    ['a letter replaced by another', [change(3, 1, 1)], 'abcXefghij', false],
    ['one of two changes taken back', [change(3, 1, 1), change(7, 1, 1)], 'abcdefgXij', false],
    ['all replaced by the same', [change(0, 10, 10)], 'abcdefghij', true],
    ['a longer text', [change(0, 10, 11)], 'abcdefghijk', false],
  ] as const)('%s', (_, changes, live, unchanged) => {
    const map = mapped(10, changes);
    map.heal(
      ({ start, end }) => 'abcdefghij'.slice(start, end),
      ({ start, end }) => live.slice(start, end),
    );
    expect(map.unchanged).toBe(unchanged);
  });

  it('gives back the positions of the part that was healed', () => {
    const map = mapped(10, [change(3, 1, 1), change(7, 1, 1)]);
    map.heal(
      ({ start, end }) => 'abcdefghij'.slice(start, end),
      ({ start, end }) => 'abcdefgXij'.slice(start, end),
    );
    expect(map.toLive({ start: 3, end: 4 })).toEqual({ start: 3, end: 4 });
    expect(map.toLive({ start: 7, end: 8 })).toBeUndefined();
  });
});

it('withdraws everything when the whole text was replaced', () => {
  const map = mapped(4, []);
  map.replaceAll(6);
  expect([0, 1, 2, 3].map((start) => map.toLive({ start, end: start + 1 }))).toEqual(Array(4).fill(undefined));
  expect(map.toTraced(5)).toBeUndefined();
  expect(map.liveLength).toBe(6);
});

it('agrees with a list of characters under 2000 random edit histories', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const next = random(seed);
    const length = next(12);
    const changes: Change[] = [];
    let live = length;
    for (let n = next(8); n >= 0; n--) {
      const offset = next(live + 1);
      const removed = next(Math.min(4, live - offset) + 1);
      const inserted = next(4);
      changes.push(change(offset, removed, inserted));
      live += inserted - removed;
    }
    const ids = edited(length, changes);
    const map = mapped(length, changes);
    const where = `seed ${String(seed)}: ${JSON.stringify({ length, changes })}`;

    expect(map.liveLength, where).toBe(ids.length);
    // Never wrong: a position that is given is that very character.
    for (let start = 0; start < length; start++) {
      const at = map.toLive({ start, end: start + 1 });
      if (at === undefined) continue;
      expect(ids[at.start], where).toBe(start);
      expect(at.end - at.start, where).toBe(1);
    }
    ids.forEach((id, offset) => {
      const traced = map.toTraced(offset);
      if (traced !== undefined) expect(traced, where).toBe(id);
    });
    // Never needlessly withdrawn: a character lost though present lies between two changes that touch it.
    const lost = ids.filter((id, at) => id >= 0 && map.toTraced(at) === undefined);
    expect(lost, where).toEqual([]);
    for (let start = 0; start < length; start++) {
      expect(map.toLive({ start, end: start + 1 })?.start ?? -1, where).toBe(ids.indexOf(start));
    }
  }
});

describe('the common ends of two texts', () => {
  it.each([
    ['', '', 0, 0],
    ['abc', 'abc', 3, 0],
    ['abc', 'abXc', 2, 1],
    ['abc', 'xyz', 0, 0],
    ['aaa', 'aa', 2, 0],
    ['abXcd', 'abYYcd', 2, 2],
  ])('%j and %j', (a, b, head, tail) => {
    expect(sameEnds(a, b)).toEqual({ head, tail });
  });
});

it('never maps to another letter, and knows an undone text, under 1000 random histories with texts', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const next = random(seed);
    const letters = (n: number): string => Array.from({ length: n }, () => 'ab'[next(2)]).join('');
    const traced = letters(next(10));
    const map = new EditMap(traced.length);
    let live = traced;
    const undo: { readonly change: Change; readonly text: string }[] = [];
    const edit = (offset: number, removed: number, text: string): void => {
      undo.push({ change: change(offset, text.length, removed), text: live.slice(offset, offset + removed) });
      live = live.slice(0, offset) + text + live.slice(offset + removed);
      map.apply(change(offset, removed, text.length));
      map.heal(
        ({ start, end }) => traced.slice(start, end),
        ({ start, end }) => live.slice(start, end),
      );
    };
    for (let n = next(6); n >= 0; n--) {
      const offset = next(live.length + 1);
      edit(offset, next(Math.min(3, live.length - offset) + 1), letters(next(3)));
    }
    for (let start = 0; start < traced.length; start++) {
      const at = map.toLive({ start, end: start + 1 });
      if (at === undefined) continue;
      expect(live[at.start], `seed ${String(seed)}`).toBe(traced[start]);
      expect(map.toTraced(at.start), `seed ${String(seed)}`).toBe(start);
    }
    for (const { change: back, text } of undo.splice(0).reverse()) edit(back.offset, back.length, text);
    expect(live).toBe(traced);
    expect(map.unchanged, `seed ${String(seed)}`).toBe(true);
  }
});
