/** Which unit stands in which row: what is asked of the host, and what stands until it has answered. */
import { describe, expect, it } from 'vitest';
import { DERIVED, SIGNALS } from '../../src/shared/signals';
import type { Arrangement, LayerInfo, RowSpec } from '../../src/shared/trace';
import { ArrangementStore, specOf } from '../../webview/arrangements';
import type { RowsChoice } from '../../webview/choices';

const layer: LayerInfo = {
  name: 'l0',
  cell: 'lstm',
  inputSize: 256,
  units: 100,
  signals: SIGNALS.lstm,
  derived: DERIVED.lstm,
};
const rows = (choice: Partial<RowsChoice> = {}): RowsChoice => ({ order: 'index', filter: '', pins: {}, ...choice });
const spec = (change: Partial<RowSpec> = {}): RowSpec => ({ order: 'index', ranges: [], pins: [], ...change });

describe('what is asked for', () => {
  it.each([
    ['nothing for every unit by number', rows(), undefined],
    ['an order', rows({ order: 'mean' }), spec({ order: 'mean' })],
    ['by a signal', rows({ order: 'mean', by: 'change' }), spec({ order: 'mean', by: 'change' })],
    ['not by one that the layer has not', rows({ order: 'mean', by: 'reset' }), spec({ order: 'mean' })],
    ['units, as far as there are', rows({ filter: '90-200, 300' }), spec({ ranges: [[90, 99]] })],
    ['pins of this layer', rows({ pins: { l0: [3, 400], l1: [5] } }), spec({ pins: [3] })],
    ['no unit', rows({ filter: '100-200' }), 'none'],
    ['no unit but the pinned', rows({ filter: '300', pins: { l0: [7] } }), spec({ ranges: [[7, 7]], pins: [7] })],
    ['all where the filter cannot be read', rows({ filter: 'x' }), undefined],
  ])('%s', (_, choice, expected) => {
    expect(specOf(choice, layer)).toEqual(expected);
  });
});

describe('the store', () => {
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  const answer = (id: number, { pins, ranges }: RowSpec): Arrangement => ({
    id,
    units: Uint16Array.from([...pins, ...ranges.flatMap(([from, to]) => [from, to])]),
    pinned: pins.length,
    merges: [],
    clusters: [],
  });
  function store(fail = false) {
    const asked: RowSpec[] = [];
    const failures: unknown[] = [];
    const made = new ArrangementStore(
      (_trace, _layer, asks) => {
        asked.push(asks);
        return fail ? Promise.reject(new Error('gone')) : Promise.resolve(answer(asked.length, asks));
      },
      () => undefined,
      (error) => failures.push(error),
    );
    return { made, asked, failures };
  }

  it('asks once, and leaves the old rows until the answer', async () => {
    const { made, asked } = store();
    const get = (choice: RowsChoice) => [...made.get(7, 0, layer, choice, false).units];
    expect(get(rows({ filter: '1-2' })).length).toBe(100);
    await settle();
    expect(get(rows({ filter: '1-2' }))).toEqual([1, 2]);
    expect(get(rows({ filter: '5-6' }))).toEqual([1, 2]);
    expect(get(rows({ filter: '5-6' }))).toEqual([1, 2]);
    await settle();
    expect(get(rows({ filter: '5-6' }))).toEqual([5, 6]);
    expect(asked.length).toBe(2);
  });

  it('needs no answer for all units and for none', () => {
    const { made, asked } = store();
    expect(made.get(7, 0, layer, rows(), false).units.length).toBe(100);
    expect(made.get(7, 0, layer, rows({ filter: '200' }), false).units.length).toBe(0);
    expect(asked).toEqual([]);
  });

  it('asks again after all units were shown in between', async () => {
    const { made, asked } = store();
    for (const choice of [rows({ order: 'mean' }), rows(), rows({ order: 'mean' })]) {
      made.get(7, 0, layer, choice, false);
      await settle();
    }
    expect(asked.length).toBe(2);
  });

  it('asks for means again when the trace is done, but not for numbers', async () => {
    for (const [order, times] of [
      ['mean', 2],
      ['index', 1],
    ] as const) {
      const { made, asked } = store();
      for (const running of [true, true, false]) {
        made.get(7, 0, layer, rows({ order, filter: '1-9' }), running);
        await settle();
      }
      expect(asked.length).toBe(times);
    }
  });

  it('keeps the rows of a text that is edited, marked, until the new trace has answered', async () => {
    const { made } = store();
    const get = (trace: number) => [...made.get(trace, 0, layer, rows({ filter: '1-2' }), false).units];
    get(7);
    await settle();
    made.succeed();
    expect([get(8), made.outdated(0)]).toEqual([[1, 2], true]);
    await settle();
    expect([get(8), made.outdated(0)]).toEqual([[1, 2], false]);
  });

  it('says once when it fails, and shows units by number', async () => {
    const { made, asked, failures } = store(true);
    for (let i = 0; i < 3; i++) {
      expect(made.get(7, 0, layer, rows({ order: 'mean' }), false).units.length).toBe(100);
      await settle();
    }
    expect([asked.length, failures.length]).toEqual([1, 1]);
  });
});
