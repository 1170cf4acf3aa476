/**
 * The second thread of large models: one for all engines, started when the first needs it. It sleeps until it is told to
 * run its part of a layer, and looks out for the next for a while before it sleeps again.
 */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { LayerRun } from '../engine/kernels';
import type { Team } from '../engine/team';
import { GatescopeError } from '../shared/errors';
import { say } from '../shared/l10n';

/** Places in the control block, 32 bits each. */
export const CONTROL = { asked: 0, done: 1, engine: 2, run: 3, length: 10 } as const;

/** What the second thread is started with. */
export interface HelperData {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly port: MessagePort;
}

/** Read by the second thread before each run: an engine that there is now, or no more. */
export type HelperMessage =
  | { readonly engine: number; readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory }
  | { readonly engine: number; readonly module?: undefined };

/** Milliseconds that the other is waited for after this thread's own part is done. */
const PATIENCE = 20_000;
/** Looks before the first sleep. */
const SPINS = 10_000;

const notAnswering = (): GatescopeError =>
  new GatescopeError('internal', say`The second tracing thread does not answer. Trace again.`);

export class Helper {
  private readonly control = new Int32Array(new SharedArrayBuffer(CONTROL.length * Int32Array.BYTES_PER_ELEMENT));
  private readonly port: MessagePort;
  private readonly worker: Worker;
  private engines = 0;
  private ended = false;

  /** @param script of helper.ts */
  constructor(script: string) {
    const { port1, port2 } = new MessageChannel();
    const workerData: HelperData = { control: this.control, port: port2 };
    this.port = port1;
    this.worker = new Worker(script, { workerData, transferList: [port2] });
    // It never ends by itself, and must not keep a command line from ending.
    this.worker.unref();
    this.worker.on('exit', () => {
      this.ended = true;
    });
    port1.unref();
  }

  /** A team on an engine's memory. The second thread forgets it when nobody holds the team any more. */
  join(module: WebAssembly.Module, memory: WebAssembly.Memory): Team {
    const engine = ++this.engines;
    this.port.postMessage({ engine, module, memory } satisfies HelperMessage);
    const team: Team = {
      start: (run: LayerRun) => {
        if (this.ended) throw notAnswering();
        this.control[CONTROL.engine] = engine;
        this.control.set(run, CONTROL.run);
        Atomics.add(this.control, CONTROL.asked, 1);
        Atomics.notify(this.control, CONTROL.asked);
      },
      finish: () => {
        this.finish();
      },
    };
    this.dropped.register(team, engine);
    return team;
  }

  private readonly dropped = new FinalizationRegistry<number>((engine) => {
    this.port.postMessage({ engine } satisfies HelperMessage);
  });

  private finish(): void {
    const asked = Atomics.load(this.control, CONTROL.asked);
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(this.control, CONTROL.done) === asked) return;
    const end = performance.now() + PATIENCE;
    for (;;) {
      const done = Atomics.load(this.control, CONTROL.done);
      if (done === asked) return;
      if (performance.now() > end) throw notAnswering();
      Atomics.wait(this.control, CONTROL.done, done, 100);
    }
  }
}
