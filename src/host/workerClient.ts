/**
 * Owns the worker thread: starts it on the first call, tells its progress, and when it ends rejects what is pending,
 * says so, and starts a new one on the next call. Knows no `vscode`.
 */
import { Worker } from 'node:worker_threads';
import { GatescopeError } from '../shared/errors';
import { say, type Text } from '../shared/l10n';
import { connect, type Connection, type Remote } from '../shared/rpc';
import type { TraceProgress } from '../shared/trace';
import type { HostApi, WorkerApi } from '../shared/workerApi';

/** A worker that ends this often within `CRASH_WINDOW` milliseconds is not started again. */
const CRASH_LIMIT = 3;
const CRASH_WINDOW = 60_000;

export interface WorkerListener {
  /** What a worker is started with, asked for at each start. */
  startData?(): unknown;
  progress(progress: TraceProgress): void;
  /** The worker ended; the ids of its models and traces mean nothing any more. */
  exited(reason: GatescopeError): void;
  /** A line that the worker wrote to its standard output or error. */
  log(line: string): void;
}

interface Running {
  readonly worker: Worker;
  readonly connection: Connection<WorkerApi>;
}

export class WorkerClient {
  readonly remote: Remote<WorkerApi>;
  #running: Running | undefined;
  #crashes: number[] = [];
  #disposed = false;

  /** @param script path of the worker's bundle, or a URL of it */
  constructor(
    private readonly script: string | URL,
    private readonly listener: WorkerListener,
    private readonly now: () => number = Date.now,
  ) {
    this.remote = new Proxy({} as Remote<WorkerApi>, {
      get: (_, name: string) => {
        // As in rpc.ts: a remote must not look like a promise.
        if (name === 'then') return undefined;
        return (...args: unknown[]) => this.#call(name, args);
      },
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#end(new GatescopeError('worker-exited', say`Gatescope was closed.`));
  }

  /** Ends the worker; the next call starts another, with new data. */
  restart(why: Text): void {
    this.#end(new GatescopeError('worker-exited', why));
  }

  async #call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { remote } = this.#start().connection;
    const method = (remote as Record<string, (...args: unknown[]) => Promise<unknown>>)[name];
    if (method === undefined) throw new GatescopeError('internal', say`The worker has no method ${name}.`);
    return method(...args);
  }

  #start(): Running {
    if (this.#running !== undefined) return this.#running;
    if (this.#disposed) throw new GatescopeError('worker-exited', say`Gatescope was closed.`);
    this.#crashes = this.#crashes.filter((time) => this.now() - time < CRASH_WINDOW);
    if (this.#crashes.length >= CRASH_LIMIT) {
      throw new GatescopeError(
        'worker-exited',
        say`The tracing worker ended ${CRASH_LIMIT} times within a minute and is not started again yet. The log says
          why; wait a minute, or try another model or a smaller file.`,
      );
    }
    const worker = new Worker(this.script, { stdout: true, stderr: true, workerData: this.listener.startData?.() });
    const connection = connect<HostApi, WorkerApi>(
      {
        post: (message) => {
          worker.postMessage(message);
        },
        listen: (receive) => {
          worker.on('message', receive);
        },
      },
      {
        progress: (progress) => {
          this.listener.progress(progress);
        },
      },
    );
    const running = { worker, connection };
    this.#running = running;
    const lines = (text: unknown): void => {
      for (const line of String(text).split('\n')) if (line !== '') this.listener.log(line);
    };
    worker.stdout.on('data', lines);
    worker.stderr.on('data', lines);
    let reason: string | undefined;
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
      this.listener.log(error instanceof Error ? (error.stack ?? error.message) : reason);
    });
    worker.on('exit', (code) => {
      if (this.#running !== running) return;
      this.#crashes.push(this.now());
      const why = reason ?? say`exit code ${code}`;
      this.#end(new GatescopeError('worker-exited', say`The tracing worker ended: ${why}. Trace again to restart it.`));
    });
    return running;
  }

  #end(reason: GatescopeError): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    void running.worker.terminate();
    this.listener.exited(reason);
    running.connection.close(reason);
  }
}
