/** Of what a person takes along from a heatmap: how many values, under which name. Pure. */
import type { CopyRequest, TraceInfo } from '../shared/trace';

/** Values that a piece of a trace has. */
export function valuesIn({ from, to, tracks, units }: CopyRequest, { model }: Pick<TraceInfo, 'model'>): number {
  const perToken = tracks.map(({ layer, signal }) =>
    signal === 'loss' ? 1 : (units?.length ?? model.layers[layer]?.units ?? 0),
  );
  return (to - from) * perToken.reduce((sum, values) => sum + values, 0);
}

/** A name that every file system takes. */
export const safeName = (name: string): string => {
  const plain = name.replace(/[\\/:*?"<>|\u0000-\u001f]+/gu, '-').replace(/^[.\s]+|[.\s]+$/gu, '');
  return plain === '' ? 'heatmap.png' : plain;
};
