/** Entry of the second thread (team.ts): runs part 1 of a layer whenever it is asked to. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { instantiateKernels, type Kernels, type LayerRun } from '../engine/kernels';
import { giveWay } from './priority';
import { CONTROL, type HelperData, type HelperMessage } from './team';

/** Milliseconds of looking out before it sleeps: longer than what lies between the windows of a trace. */
const LOOKOUT = 0.5;

const { control, port } = workerData as HelperData;
giveWay();
const engines = new Map<number, Kernels>();

function readMessages(): void {
  for (let found = receiveMessageOnPort(port); found !== undefined; found = receiveMessageOnPort(port)) {
    const message = found.message as HelperMessage;
    if (message.module) engines.set(message.engine, instantiateKernels(message.module, message.memory));
    else engines.delete(message.engine);
  }
}

/** @param seen the last request that was done @returns the next */
function nextRequest(seen: number): number {
  const end = performance.now() + LOOKOUT;
  while (performance.now() < end) {
    for (let spin = 0; spin < 100; spin++) {
      const asked = Atomics.load(control, CONTROL.asked);
      if (asked !== seen) return asked;
    }
  }
  Atomics.wait(control, CONTROL.asked, seen);
  return Atomics.load(control, CONTROL.asked);
}

for (let asked = 0; ;) {
  const next = nextRequest(asked);
  if (next === asked) continue;
  asked = next;
  readMessages();
  const run = Array.from(control.subarray(CONTROL.run, CONTROL.length)) as unknown as LayerRun;
  // An engine that is not known cannot be helped: the other thread gives up waiting, and says so.
  engines.get(control[CONTROL.engine] ?? 0)?.runLayer(...run, 1);
  Atomics.store(control, CONTROL.done, asked);
  Atomics.notify(control, CONTROL.done);
}
