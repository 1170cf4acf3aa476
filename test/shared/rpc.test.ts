/** The call convention: results, errors with their codes, what cannot be cloned, and what is pending at the end. */
import { expect, test } from 'vitest';
import { GatescopeError } from '../../src/shared/errors';
import { say } from '../../src/shared/l10n';
import { connect, type Port } from '../../src/shared/rpc';

interface Server {
  add(a: number, b: number): number;
  fail(kind: 'named' | 'plain' | 'string'): never;
  uncloneable(): unknown;
  never(): Promise<void>;
  self(): string;
}

const server = {
  name: 'the server',
  add: (a: number, b: number) => a + b,
  fail(kind: 'named' | 'plain' | 'string'): never {
    if (kind === 'named') throw new GatescopeError('empty-text', say`${'a.txt'} is empty`);
    if (kind === 'plain') throw new TypeError('x is undefined');
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- other people's code does so
    throw 'a word';
  },
  uncloneable: () => () => 1,
  never: () => new Promise<void>(() => undefined),
  self() {
    return this.name;
  },
};

/** Two joined ports that copy messages as a thread boundary does. */
function ports(): [Port, Port] {
  const receivers: ((message: unknown) => void)[] = [];
  const port = (mine: 0 | 1): Port => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => receivers[1 - mine]?.(copy));
    },
    listen: (receive) => {
      receivers[mine] = receive;
    },
  });
  return [port(0), port(1)];
}

function join() {
  const [here, there] = ports();
  connect<typeof methods, Record<string, never>>(there, methods);
  return connect<Record<string, never>, Server>(here, {});
}
// `name` is state, not a method: only what the interface names is called.
const methods = server as unknown as { [K in keyof Server]: Server[K] };

test('a result comes back, and `this` is the object of the methods', async () => {
  const { remote } = join();
  expect(await remote.add(2, 3)).toBe(5);
  expect(await remote.self()).toBe('the server');
});

test.each([
  ['named', 'empty-text', 'a.txt is empty'],
  ['plain', 'internal', 'x is undefined'],
  ['string', 'internal', 'a word'],
] as const)('a %s error keeps its code and message', async (kind, code, message) => {
  const error: unknown = await join()
    .remote.fail(kind)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(GatescopeError);
  expect(error).toMatchObject({ code, message });
});

test('an error keeps its text and its values apart, to be translated where it is shown', async () => {
  const error: unknown = await join()
    .remote.fail('named')
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ text: { template: '{0} is empty', args: ['a.txt'] } });
});

test('a result that cannot be cloned is an error, not silence', async () => {
  await expect(join().remote.uncloneable()).rejects.toMatchObject({ code: 'internal' });
});

test.each(['missing', 'constructor', 'toString', '__proto__'])('%s is no method', async (name) => {
  const remote = join().remote as unknown as Record<string, () => Promise<unknown>>;
  await expect(remote[name]?.()).rejects.toThrow(/not found/);
});

test('closing rejects what is pending and what comes after', async () => {
  const connection = join();
  const { remote } = connection;
  const pending = remote.never();
  const reason = new GatescopeError('worker-exited', 'The worker stopped.');
  connection.close(reason);
  await expect(pending).rejects.toBe(reason);
  await expect(remote.add(1, 1)).rejects.toBe(reason);
});

test('a remote can be awaited without calling the other side', async () => {
  const { remote } = join();
  expect(await Promise.resolve(remote)).toBe(remote);
});
