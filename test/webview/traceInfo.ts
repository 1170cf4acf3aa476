/** A trace as the host would tell of it, for tests of the view's state. */
import { SIGNALS } from '../../src/shared/signals';
import type { TraceInfo } from '../../src/shared/trace';
import * as verbs from '../../webview/state';

export const traceInfo = (id = 1, tokens = 1000, layers = 2, units = 256): TraceInfo => ({
  id,
  model: {
    id: 1,
    name: 'bytes',
    file: 'bytes.safetensors',
    architecture: 'LSTM',
    tokenizer: 'bytes',
    layers: Array.from({ length: layers }, (_, i) => ({
      name: `l${String(i)}`,
      cell: 'lstm',
      inputSize: 256,
      units,
      signals: SIGNALS.lstm,
    })),
    parameters: 1,
    predicts: true,
    description: undefined,
    warnings: [],
  },
  tokens,
  textLength: tokens,
  baseLevel: 0,
  notes: [],
});

/** A view of 400 pixels that shows it, traced to its end. */
export function shownState(info = traceInfo(), title = 'a.txt', width = 400): verbs.State {
  const { id, tokens } = info;
  return verbs.showScene(verbs.resize(verbs.INITIAL, width), {
    kind: 'trace',
    info,
    progress: { id, done: tokens, state: 'done', meanLoss: undefined },
    title,
    stale: undefined,
  });
}
