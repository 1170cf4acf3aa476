/**
 * Stands in for the extension host in a plain page: `acquireVsCodeApi` answers from a synthetic trace. Loaded before
 * the webview's bundle; `window.fake` is the test's handle. What to show is in the page's address:
 * `?scene=trace&tokens=1500&cell=lstm&layers=1&units=256&done=0.6&stale=1&delay=20`. `fault=21` has a NaN arise there;
 * `computing=0.4` has of what is derived only so much.
 */
import type { CellKind } from '../../../src/shared/signals';
import { GatescopeError } from '../../../src/shared/errors';
import { connect } from '../../../src/shared/rpc';
import type { Scene, ViewApi, ViewHostApi } from '../../../src/shared/viewApi';
import { Arranger } from './arrange';
import { columnOf, seriesOf } from './columns';
import { GATES } from './gates';
import { atRest } from './rest';
import { synthesise, type Synthetic } from './synthetic';

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Fake {
  readonly calls: Call[];
  /** Waits until every call is answered and what came of it is drawn; and for what is put off for `soon` milliseconds at most. */
  readonly atRest: (soon?: number) => Promise<void>;
  readonly view: () => ReturnType<typeof connect<ViewHostApi, ViewApi>>['remote'];
  /** Tokens traced so far. */
  done: number;
  progress(done: number): Promise<void>;
  /** Shows a new trace of which nothing is traced yet, of the same text or of another as long. */
  edited(text?: string): Promise<void>;
}

declare global {
  interface Window {
    fake: Fake;
    acquireVsCodeApi: () => unknown;
  }
}

const query = new URLSearchParams(location.search);

// `webgl=1` takes WebGL2 even where it is emulated, and keeps what it has drawn, so that tests can read it whenever they
// like; `webgl=0` is a machine without it.
type GetContext = (this: HTMLCanvasElement, kind: string, options?: object) => RenderingContext | null;
const prototype = HTMLCanvasElement.prototype as unknown as { getContext: GetContext };
const { getContext } = prototype;
prototype.getContext = function (kind, options) {
  if (kind !== 'webgl2' || query.get('webgl') === null) return getContext.call(this, kind, options);
  if (query.get('webgl') === '0') return null;
  const kept = { failIfMajorPerformanceCaveat: false, preserveDrawingBuffer: true };
  const gl = getContext.call(this, kind, { ...options, ...kept });
  if (gl instanceof WebGL2RenderingContext) {
    const getExtension = gl.getExtension.bind(gl) as (name: string) => unknown;
    const told = (name: string): unknown => (name === 'WEBGL_debug_renderer_info' ? null : getExtension(name));
    Object.assign(gl, { getExtension: told });
  }
  return gl;
};

const number = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
/** Of the trace; another after each edit. */
let traceId = 7;

const spike = query.get('spike');
const traceOf = (sample: string | null): Synthetic =>
  synthesise({
    tokens: number('tokens', 1500),
    cell: (query.get('cell') ?? 'lstm') as CellKind,
    layers: number('layers', 1),
    units: number('units', 256),
    ...(spike === null ? {} : { spike: Number(spike) }),
    ...(sample === null ? {} : { text: sample }),
  });
let trace = traceOf(query.get('text'));

const arranger = new Arranger(() => trace);
const calls: Call[] = [];
/** Calls that are not answered yet, and messages to the view that have not arrived. */
let underWay = 0;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, number('delay', 5)));

const progressOf = (done: number): Extract<Scene, { kind: 'trace' }>['progress'] => ({
  id: traceId,
  done,
  state: done < trace.tokens ? 'running' : 'done',
  meanLoss: done < 2 ? undefined : 1.2,
  ...(query.has('fault')
    ? { fault: { token: number('fault', 0), layer: 'l0', signal: 'input', unit: 3, value: 'NaN' } }
    : {}),
});

function sceneNow(): Scene {
  const kind = query.get('scene') ?? 'trace';
  if (kind === 'empty') return { kind, modelName: 'Gatescope bytes' };
  if (kind === 'failed') {
    return {
      kind,
      file: 'photo.raw',
      message: 'photo.raw is a binary file: 38 of its first 512 bytes are zero.',
      remedy: 'Open a text file; any encoding that VS Code can show will do.',
    };
  }
  const { model, tokens, textLength } = trace;
  const notes = query.has('note') ? ['The file is not valid UTF-8; 3 bytes were replaced.'] : [];
  return {
    kind: 'trace',
    info: { id: traceId, model, tokens, textLength, baseLevel: 3, notes },
    progress: progressOf(fake.done),
    title: query.get('title') ?? 'memory.ts',
    stale: query.has('stale') ? 'The text was edited since it was traced.' : undefined,
  };
}

const hostMethods: ViewHostApi = {
  ready: () => {
    const [from, to] = (query.get('look') ?? '').split('-').map(Number);
    const look = from === undefined || to === undefined ? undefined : { from, to };
    return { scene: sceneNow(), choices: JSON.parse(query.get('choices') ?? 'null') as unknown, look, tiles: [] };
  },
  tile: (request) => {
    if (query.has('broken')) throw new GatescopeError('internal', 'The tracing thread ended: out of memory.');
    const computed = query.has('computing') && request.signal === 'change' ? number('computing', 1) : 1;
    const tile = trace.tile(request, Math.floor(fake.done * computed), arranger.rows(request.rows));
    return computed < 1 && !tile.final ? { ...tile, pending: true } : tile;
  },
  row: (_trace, token) => trace.row(token),
  glyphs: (_trace, from, to) => trace.glyphs(from, Math.min(to, fake.done)),
  pictured: () => undefined,
  reveal: () => undefined,
  run: () => undefined,
  arrange: (_trace, layer, spec) => arranger.arrange(layer, spec),
  column: (request) => columnOf(trace, request, fake.done),
  series: (request) => seriesOf(trace, request, fake.done),
  lines: (_trace, from, to, most) => trace.lines(from, to, most),
  guesses: (_trace, from, to) => trace.guesses(from, Math.min(to, fake.done)),
  why: (_trace, token, layer, unit) => ({
    token,
    layer,
    unit,
    gates: GATES[trace.model.layers[layer]?.cell ?? 'lstm'],
  }),
  // Every hundredth token is what is looked for.
  jump: ({ from, to }) => {
    if (to === 'largest') return 700;
    const found = to === 'next' ? 100 * Math.floor(from / 100 + 1) : 100 * Math.ceil(from / 100 - 1);
    return found >= 0 && found < trace.tokens ? found : undefined;
  },
  look: () => undefined,
  remember: () => undefined,
  copy: ({ from, to, tracks, units }) => (to - from) * tracks.length * (units?.length ?? 48),
  savePicture: () => true,
};

const noted = Object.fromEntries(
  Object.entries(hostMethods).map(([method, act]) => [
    method,
    async (...args: unknown[]): Promise<unknown> => {
      calls.push({ method, args });
      underWay++;
      try {
        await pause();
        return await (act as (...parameters: unknown[]) => unknown)(...args);
      } finally {
        underWay--;
      }
    },
  ]),
) as unknown as ViewHostApi;

let receive: (message: unknown) => void = () => undefined;
const connection = connect<ViewHostApi, ViewApi>(
  {
    // The real port copies what it carries.
    post: (message) => {
      underWay++;
      window.postMessage(structuredClone(message), '*');
    },
    listen: (take) => {
      receive = take;
    },
  },
  noted,
);

// Heard before the view hears it, in the same turn.
window.addEventListener('message', () => {
  underWay--;
});

const fake: Fake = {
  calls,
  atRest: (soon) => atRest(() => underWay > 0, soon),
  view: () => connection.remote,
  done: Math.floor(trace.tokens * number('done', 1)),
  progress: async (done) => {
    fake.done = done;
    await connection.remote.progress(progressOf(done));
  },
  edited: async (sample) => {
    if (sample !== undefined) trace = traceOf(sample);
    fake.done = 0;
    traceId++;
    await connection.remote.show(sceneNow());
  },
};
window.fake = fake;

/** What one opening of a page keeps the next does not find; the same page loaded anew does. */
const KEY = `gatescope-harness-${query.get('visit') ?? ''}`;
window.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => {
    receive(structuredClone(message));
  },
  getState: (): unknown => JSON.parse(sessionStorage.getItem(KEY) ?? 'null'),
  setState: (state: unknown) => {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  },
});
