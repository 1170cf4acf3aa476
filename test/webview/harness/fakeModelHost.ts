/**
 * Stands in for the extension host behind a model's page. What to show is in the page's address:
 * `?case=lstm|gru|rnn|bidirectional|numbers|unknown|failed|untrusted&inUse=1`.
 */
import { GatescopeError } from '../../../src/shared/errors';
import type { MatrixStatistics } from '../../../src/shared/modelInfo';
import type { ModelHostApi, ModelScene, ModelViewApi } from '../../../src/shared/modelViewApi';
import { connect } from '../../../src/shared/rpc';
import { exampleMatrix, exampleModel, type ExampleName } from './exampleModels';

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface FakeModel {
  readonly calls: Call[];
  readonly scene: () => ModelScene;
  readonly view: () => ReturnType<typeof connect<ModelHostApi, ModelViewApi>>['remote'];
  /** The next question for a matrix is answered with an error. */
  failOnce: boolean;
}

declare global {
  interface Window {
    fakeModel: FakeModel;
  }
}

const query = new URLSearchParams(location.search);
const name = query.get('case') ?? 'lstm';
const calls: Call[] = [];

function scene(): ModelScene {
  if (name === 'failed' || name === 'untrusted') {
    const message =
      name === 'failed'
        ? '/models/weather.h5: It ends after 1,024 of 88,120 bytes. Download the file again, or export it again.'
        : 'In Restricted Mode Gatescope reads its bundled models and safetensors files only: other formats come with a more complicated reader. Trust the workspace to read weather.h5.';
    return { kind: 'failed', file: 'weather.h5', message, untrusted: name === 'untrusted' };
  }
  return {
    kind: 'model',
    model: exampleModel(name as ExampleName),
    inUse: query.has('inUse'),
    focus: query.get('focus') ?? undefined,
  };
}

const methods: ModelHostApi = {
  ready: () => scene(),
  matrix: (matrix): MatrixStatistics => {
    if (fakeModel.failOnce) {
      fakeModel.failOnce = false;
      throw new GatescopeError('model-damaged', 'The file has changed. Open it again.');
    }
    return exampleMatrix(name as ExampleName, matrix);
  },
  run: () => undefined,
};

const noted = Object.fromEntries(
  Object.entries(methods).map(([method, act]) => [
    method,
    (...args: unknown[]): unknown => {
      calls.push({ method, args });
      return (act as (...parameters: unknown[]) => unknown)(...args);
    },
  ]),
) as unknown as ModelHostApi;

let receive: (message: unknown) => void = () => undefined;
const connection = connect<ModelHostApi, ModelViewApi>(
  {
    post: (message) => {
      window.postMessage(structuredClone(message), '*');
    },
    listen: (take) => {
      receive = take;
    },
  },
  noted,
);

const fakeModel: FakeModel = { calls, scene, view: () => connection.remote, failOnce: query.has('fail') };
window.fakeModel = fakeModel;
window.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => {
    receive(structuredClone(message));
  },
  getState: () => undefined,
  setState: () => undefined,
});
