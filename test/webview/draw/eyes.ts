/** How eyes that are blind to a colour see: Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
import { toGamma, toLinear, type Rgb } from '../../../webview/draw/oklab';

export type Eye = readonly (readonly [number, number, number])[];

export const EYES = {
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const satisfies Readonly<Record<string, Eye>>;

export function seen([r, g, b]: Rgb, eye: Eye): Rgb {
  const [x, y, z] = [toLinear(r), toLinear(g), toLinear(b)];
  const rows = eye.map(([p, q, s]) => toGamma(Math.max(0, Math.min(1, p * x + q * y + s * z))));
  return [rows[0] ?? 0, rows[1] ?? 0, rows[2] ?? 0];
}
