/**
 * One call convention for both boundaries (host-worker, host-webview). An interface of methods is the only truth of a
 * boundary; calls and results are derived from it. Every call is answered with a result or an error, and `close`
 * rejects what is still pending with the reason.
 */
import { createBirpc } from 'birpc';
import { asGatescopeError, GatescopeError, type ErrorCode } from './errors';
import type { Text } from './l10n';

/** A side's methods. An interface of them needs no index signature. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the parameters of any method at all
export type Methods<T> = { [K in keyof T]: (...args: any[]) => unknown };

export interface Port {
  post(message: unknown): void;
  /** Registers the one receiver of messages. */
  listen(receive: (message: unknown) => void): void;
}

/** The other side, as seen from here: each method returns a promise. */
export type Remote<T extends Methods<T>> = {
  readonly [K in keyof T]: (...args: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>;
};

export interface Connection<T extends Methods<T>> {
  readonly remote: Remote<T>;
  /** Rejects every pending call with `reason`; later calls are rejected at once. */
  close(reason: Error): void;
}

interface WireError {
  readonly code: ErrorCode;
  /** To be translated by whoever shows it. */
  readonly text: Text;
  readonly stack: string | undefined;
}

/** birpc's message; `e` is the error of a reply. */
interface WireMessage {
  e?: unknown;
}

const hasError = (message: unknown): message is WireMessage & { e: unknown } =>
  typeof message === 'object' && message !== null && 'e' in message && message.e !== undefined;

function encode(message: unknown): unknown {
  if (!hasError(message)) return message;
  const { code, text, stack } = asGatescopeError(message.e);
  return { ...message, e: { code, text, stack } satisfies WireError };
}

function decode(message: unknown): unknown {
  if (!hasError(message)) return message;
  const wire = message.e as WireError;
  const error = new GatescopeError(wire.code, wire.text);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return { ...message, e: error };
}

/**
 * Joins this side's methods to a port and returns the other side.
 *
 * @param local methods that the other side may call; only own properties are reachable
 */
export function connect<Local extends Methods<Local>, Other extends Methods<Other>>(
  port: Port,
  local: Local,
): Connection<Other> {
  let closed: Error | undefined;
  const rpc = createBirpc<Record<string, (...args: unknown[]) => unknown>>(local, {
    post: (message) => {
      port.post(message);
    },
    on: (receive) => {
      port.listen((message) => {
        receive(message);
      });
    },
    serialize: encode,
    deserialize: decode,
    bind: 'functions',
    // A long trace may keep a call open for minutes: cancellation is the caller's, not a clock's.
    timeout: -1,
    resolver: (name, method) => (Object.hasOwn(local, name) ? method : undefined),
    // A result that cannot be cloned is answered with that error, so that the caller does not wait for ever.
    onGeneralError: (_error, method) => method !== undefined,
  });
  return {
    remote: new Proxy({} as Remote<Other>, {
      get: (_, name: string) => {
        // A remote must not look like a promise, or awaiting it would call the other side.
        if (name === 'then') return undefined;
        return (...args: unknown[]) => (closed ? Promise.reject(closed) : rpc.$call(name, ...args));
      },
    }),
    close: (reason) => {
      closed = reason;
      rpc.$close(reason);
    },
  };
}
