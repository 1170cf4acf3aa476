/** Reads memory and does nothing with it: how fast a product could be. For measurement. */

/**
 * Sums in eight vectors that lie side by side, so that reading is widened as the product is.
 *
 * @param bytes a multiple of 128
 * @param out what depends on all of them [32]
 */
export function touch(from: usize, bytes: usize, out: usize): void {
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
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out, e, 64);
  v128.store(out, f, 80);
  v128.store(out, g, 96);
  v128.store(out, h, 112);
}
