/** Errors that people are meant to read: a stable code, and a message that names the value, the limit and the remedy. */
import { say, textIn, type Text } from './l10n';

export type ErrorCode =
  | 'cancelled'
  | 'empty-text'
  | 'binary-file'
  | 'file-not-found'
  | 'file-unreadable'
  | 'file-unwritable'
  | 'text-too-large'
  | 'model-not-found'
  | 'model-damaged'
  | 'model-unsupported'
  | 'workspace-untrusted'
  | 'tokenizer-needed'
  | 'bad-vocabulary'
  | 'bad-table'
  | 'trace-gone'
  | 'worker-exited'
  | 'bad-request'
  | 'too-much'
  | 'internal';

/** An error whose `code` survives every message boundary (see rpc.ts); everything else arrives as `internal`. */
export class GatescopeError extends Error {
  /** @param text what a person reads, in their language; the error's `message` is in English */
  constructor(
    readonly code: ErrorCode,
    readonly text: Text,
    options?: ErrorOptions,
  ) {
    super(textIn(text), options);
    this.name = 'GatescopeError';
  }
}

export const cancelled = (what: Text): GatescopeError => new GatescopeError('cancelled', say`${what} was cancelled.`);

export const isCancelled = (error: unknown): boolean => error instanceof GatescopeError && error.code === 'cancelled';

/** Any thrown value as a GatescopeError; unknown ones become `internal` and keep their message and stack. */
export function asGatescopeError(error: unknown): GatescopeError {
  if (error instanceof GatescopeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const wrapped = new GatescopeError('internal', message, { cause: error });
  if (error instanceof Error && error.stack !== undefined) wrapped.stack = error.stack;
  return wrapped;
}
