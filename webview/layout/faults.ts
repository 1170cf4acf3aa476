/** Which columns of which layers have no numbers any more, once a NaN has arisen. No DOM. */
import type { Fault, LayerInfo } from '../../src/shared/trace';

/** Tokens [from, to). */
export interface Lost {
  readonly from: number;
  readonly to: number;
}

const depthOf = (name: string): number => Number(/^l(\d+)/u.exec(name)?.[1] ?? NaN);

/**
 * What is NaN, by layer; undefined where a layer keeps its numbers. A NaN among what a step hands on makes all of the
 * next step's sums NaN, as there is no weight that takes it away; likewise all that a layer above makes of it. The
 * fault's own token is counted as well: other units may have numbers there still, but most often none has. An infinity
 * is a value, and has its colour.
 */
export function lostColumns(
  fault: Fault | undefined,
  layers: readonly Pick<LayerInfo, 'name' | 'reverse'>[],
  tokens: number,
): readonly (Lost | undefined)[] {
  const source = layers.find(({ name }) => name === fault?.layer);
  if (fault?.value !== 'NaN' || source === undefined) return layers.map(() => undefined);
  const backwards = source.reverse === true;
  const onwards = backwards ? { from: 0, to: fault.token + 1 } : { from: fault.token, to: tokens };
  return layers.map((layer) => {
    if (layer === source) return onwards;
    if (!(depthOf(layer.name) > depthOf(source.name))) return undefined;
    // Its first inputs are lost already where it reads the other way.
    return (layer.reverse === true) === backwards ? onwards : { from: 0, to: tokens };
  });
}
