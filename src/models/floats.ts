/** Little-endian bytes of each floating type as float32. */

const HALF_EXPONENT_BIAS = 15;
const HALF_MANTISSA = 1024;

/** IEEE 754 binary16 */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - HALF_EXPONENT_BIAS - 10);
  return sign * (1 + mantissa / HALF_MANTISSA) * 2 ** (exponent - HALF_EXPONENT_BIAS);
}

function decodeWith(
  size: number,
  read: (view: DataView, offset: number) => number,
): (bytes: Uint8Array) => Float32Array {
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(bytes.byteLength / size);
    for (let k = 0; k < values.length; k++) values[k] = read(view, k * size);
    return values;
  };
}

const MINI_BIAS = 7;

/** OCP's E4M3: no infinities, one NaN of either sign. */
function e4m3ToNumber(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0xf;
  const mantissa = bits & 7;
  if ((bits & 0x7f) === 0x7f) return NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - MINI_BIAS - 3);
  return sign * (1 + mantissa / 8) * 2 ** (exponent - MINI_BIAS);
}

/** brain float: the upper half of a float32 */
function decodeBrainFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bits = new Uint32Array(bytes.byteLength / 2);
  for (let k = 0; k < bits.length; k++) bits[k] = view.getUint16(k * 2, true) << 16;
  return new Float32Array(bits.buffer);
}

/** Decoders by safetensors type name. F64 rounds to the nearest float32, to infinity where it is too large. */
export const FLOAT_DECODERS: Readonly<Record<string, ((bytes: Uint8Array) => Float32Array) | undefined>> = {
  F64: decodeWith(8, (view, offset) => view.getFloat64(offset, true)),
  F32: decodeWith(4, (view, offset) => view.getFloat32(offset, true)),
  F16: decodeWith(2, (view, offset) => halfToNumber(view.getUint16(offset, true))),
  BF16: decodeBrainFloats,
  F8_E4M3: decodeWith(1, (view, offset) => e4m3ToNumber(view.getUint8(offset))),
  // The upper half of a binary16.
  F8_E5M2: decodeWith(1, (view, offset) => halfToNumber(view.getUint8(offset) << 8)),
};
