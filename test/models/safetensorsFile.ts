/** Builds safetensors files for tests, right ones and, by overriding the header, wrong ones. */

export type Content = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;

/** @param header the header's text; padded to nothing, so that every byte counts */
export function safetensorsBytes(header: string, data: Uint8Array, headerLength?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, headerLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** A right file of float32 tensors. */
export function safetensorsFile(content: Content, metadata?: Readonly<Record<string, string>>): Uint8Array {
  let length = 0;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const [name, { shape, values }] of Object.entries(content)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [length, length + values.byteLength] };
    length += values.byteLength;
  }
  const data = new Uint8Array(length);
  let at = 0;
  for (const { values } of Object.values(content)) {
    data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return safetensorsBytes(JSON.stringify(header), data);
}
