/** Entry of the worker thread: joins the handler to the port that the extension host speaks to. */
import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '../shared/rpc';
import type { Handler, HostApi, WorkerApi } from '../shared/workerApi';
import { setLimits } from '../models/limits';
import { createHandler } from './handler';
import { wasmEngines, type KernelOptions } from './kernels';
import { giveWay } from './priority';

if (parentPort === null) throw new Error('worker.js runs as a worker thread only.');
const port = parentPort;
giveWay();

/** As `startData` of src/extension.ts; tests start a worker without. */
const start = workerData as (KernelOptions & { readonly limits?: unknown }) | undefined;
setLimits(start?.limits);

const { remote: host } = connect<Handler<WorkerApi>, HostApi>(
  {
    post: (message) => {
      port.postMessage(message);
    },
    listen: (receive) => {
      port.on('message', receive);
    },
  },
  createHandler(wasmEngines(__dirname, start), {
    progress: (progress) => {
      void host.progress(progress);
    },
  }),
);
