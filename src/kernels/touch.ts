/** Reads memory and does nothing with it: how fast a product could be. For measurement. */

/** @param bytes a multiple of 128 @returns something that depends on all of them */
export function touch(from: usize, bytes: usize): i32 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  const end = from + bytes;
  while (from < end) {
    a = v128.xor(a, v128.load(from));
    b = v128.xor(b, v128.load(from, 16));
    c = v128.xor(c, v128.load(from, 32));
    d = v128.xor(d, v128.load(from, 48));
    e = v128.xor(e, v128.load(from, 64));
    f = v128.xor(f, v128.load(from, 80));
    g = v128.xor(g, v128.load(from, 96));
    h = v128.xor(h, v128.load(from, 112));
    from += 128;
  }
  const all = v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), v128.xor(v128.xor(e, f), v128.xor(g, h)));
  return i32x4.extract_lane(all, 0);
}
