/** Keys and what they mean, over several layouts; the help that is made of them. */
import { describe, expect, it } from 'vitest';
import { helpLines } from '../../../webview/ui/help';
import { bindingOf, bindings, type KeyActions, type Pressed } from '../../../webview/ui/keyboard';

const table = bindings();

/** What a key calls, as text. */
function means(written: string, graph = false): string | undefined {
  const parts = written.split('+').filter((part) => part !== '');
  const key = written.endsWith('+') ? '+' : (parts.at(-1) ?? '');
  const has = (name: string): boolean => parts.slice(0, -1).includes(name);
  const pressed: Pressed = {
    key,
    shiftKey: has('Shift'),
    altKey: has('Alt'),
    ctrlKey: has('Ctrl'),
    metaKey: has('Meta'),
    graph,
  };
  const said: string[] = [];
  const spy = new Proxy({} as KeyActions, {
    get:
      (_, name) =>
      (...args: unknown[]) => {
        said.push(`${String(name)}(${args.map((value) => JSON.stringify(value)).join()})`);
      },
  });
  bindingOf(table, pressed)?.act(spy);
  return said[0];
}

describe('a key', () => {
  it.each([
    ['ArrowLeft', 'move(-1,0)'],
    ['ArrowDown', 'move(0,1)'],
    ['Shift+ArrowDown', 'move(0,10)'],
    ['Shift+ArrowRight', 'extend({"tokens":1})'],
    ['Alt+ArrowUp', 'moveTrack(-1)'],
    ['PageUp', 'page(-0.8)'],
    ['Shift+PageDown', 'extend({"page":0.8})'],
    ['+', 'zoom(1.3)'],
    ['Shift+_', `zoom(${String(1 / 1.3)})`],
    ['0', 'fit()'],
    ['Tab', 'step(1)'],
    ['Shift+Tab', 'step(-1)'],
    ['z', 'zoomToSelection()'],
    ['h', 'grow(1)'],
    ['Shift+H', 'grow(-1)'],
    ['Ctrl+c', 'copy()'],
    ['Meta+c', 'copy()'],
    ['c', 'open("colours")'],
    ['Shift+S', 'savePicture("svg")'],
    [',', 'jump("loss","previous")'],
    ['.', 'jump("loss","next")'],
    ['Shift+<', 'jump("change","previous")'],
    ['<', 'jump("change","previous")'],
    ['Shift+?', 'open("help")'],
    // With Caps Lock a letter comes as a capital without Shift.
    ['H', 'grow(1)'],
    ['L', 'jump("loss","largest")'],
  ])('%s means %s', (key, call) => {
    expect(means(key)).toBe(call);
  });

  it('of a sign with AltGr, as many layouts have brackets, is that sign', () => {
    expect(means('Ctrl+Alt+[', true)).toBe('jump("line","previous")');
    expect(means('Ctrl+Alt+[')).toBeUndefined();
  });

  it.each([
    'Ctrl+f',
    'Ctrl+ArrowLeft',
    'Alt+ArrowLeft',
    'Meta+p',
    'Ctrl+Shift+C',
    'Alt+c',
    'q',
    'F1',
    'Shift+Enter',
    'Shift+l',
  ])('%s stays VS Code’s own', (key) => {
    expect(means(key)).toBeUndefined();
  });

  it('has one meaning', () => {
    const names = table.map(({ key, shift, alt, ctrl }) => [key, shift, alt, ctrl].map(String).join());
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the help', () => {
  it('has a line for every key', () => {
    const groups = [...new Set(table.map(({ group }) => group))];
    const lines = groups.flatMap((group) => helpLines(group));
    expect(new Set(lines.map(([keys]) => keys))).toEqual(new Set(table.map(({ shown }) => shown)));
    expect(lines.every(([keys, effect]) => keys !== '' && effect.length > 3)).toBe(true);
  });
});
