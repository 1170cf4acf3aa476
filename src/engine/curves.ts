/** What derived signals need to know of a layer's functions, and which of them can be told of it. */
import { usualCurves, type Curve, type Curves } from '../shared/derived';
import { DERIVED, type HeatInfo, type Scale } from '../shared/signals';
import type { LayerShape } from './layout';
import { squashingsOf } from './network';
import { scaleOf, squash, type Squashing } from './squashing';

/** The shape of a function, and the values at which it ends; undefined where its value does not tell its slope. */
function shapeOf({ name, alpha }: Squashing): Curve | undefined {
  switch (name) {
    case 'sigmoid':
    case 'tanh':
    case 'softsign':
      return { shape: name, scale: 1 };
    case 'scaledTanh':
      return alpha === 0 ? undefined : { shape: 'tanh', scale: Math.abs(alpha) };
    case 'hardSigmoid':
      return { shape: 'even', scale: 1, low: 0, high: 1 };
    case 'relu':
      return { shape: 'even', scale: 1, low: 0 };
    case 'affine':
      return alpha === 0 ? undefined : { shape: 'even', scale: 1 };
    // Their slope has a second value, or grows without end on one side: what is lost of it is not told by a value alone.
    case 'leakyRelu':
    case 'thresholdedRelu':
    case 'elu':
    case 'softplus':
      return undefined;
  }
}

/** @param clip sums are held within ±clip */
function curveOf(squashing: Squashing, clip: number | undefined): Curve | undefined {
  const curve = shapeOf(squashing);
  if (curve === undefined || clip === undefined || clip === Infinity) return curve;
  const of = squash(squashing);
  const [a, b] = [Math.fround(of(-clip)), Math.fround(of(clip))];
  const { low = -Infinity, high = Infinity } = curve;
  return { ...curve, low: Math.max(low, Math.min(a, b)), high: Math.min(high, Math.max(a, b)) };
}

/** Undefined where a layer's saturation cannot be told by its values. */
export function curvesOf(layer: LayerShape): Curves | undefined {
  const [f, g = f] = squashingsOf(layer);
  const gate = f && curveOf(f, layer.variant?.clip);
  const candidate = g && curveOf(g, layer.variant?.clip);
  return gate && candidate && { gate, candidate };
}

/** Whether they are those that a kind of cell has unless it says otherwise. */
export const areUsual = (cell: LayerShape['cell'], curves: Curves): boolean =>
  JSON.stringify(curves) === JSON.stringify(usualCurves(cell));

/** The derived signals that can be told of a layer, and how each lies. */
export function derivedOf(layer: LayerShape): readonly HeatInfo[] {
  const [f, g = f] = squashingsOf(layer).map(scaleOf);
  const curves = curvesOf(layer);
  // What is written is a part of the candidate, and what a GRU keeps is one of such parts, if the gate is 0 to 1.
  const part: Scale = f === 'gate' && g !== 'free' ? 'signed' : 'free';
  return DERIVED[layer.cell]
    .filter(({ name }) => name !== 'saturation' || curves !== undefined)
    .map(({ name, scale }) => ({ name, scale: scale === 'signed' ? part : scale }));
}
