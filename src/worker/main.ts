/** Entry of the worker thread: joins the handler to the port that the extension host speaks to. */
import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '../shared/rpc';
import type { Handler, HostApi, WorkerApi } from '../shared/workerApi';
import { createHandler } from './handler';
import { wasmEngines, type KernelOptions } from './kernels';

if (parentPort === null) throw new Error('worker.js runs as a worker thread only.');
const port = parentPort;

const { remote: host } = connect<Handler<WorkerApi>, HostApi>(
  {
    post: (message) => {
      port.postMessage(message);
    },
    listen: (receive) => {
      port.on('message', receive);
    },
  },
  createHandler(wasmEngines(__dirname, workerData as KernelOptions | undefined), {
    progress: (progress) => {
      void host.progress(progress);
    },
  }),
);
