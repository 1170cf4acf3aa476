/** Entry of the worker thread: joins the handler to the port that the extension host speaks to. */
import { parentPort } from 'node:worker_threads';
import { connect } from '../shared/rpc';
import type { Handler, HostApi, WorkerApi } from '../shared/workerApi';
import { createHandler } from './handler';
import { wasmEngines } from './kernels';

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
  createHandler(wasmEngines(__dirname), {
    progress: (progress) => {
      void host.progress(progress);
    },
  }),
);
