/**
 * Rows of a table by token ids.
 *
 * @param table [vocab, width]
 * @param width values of a row
 * @param tokens ids [count]
 * @param out [count, width]
 */
export function gather(table: usize, width: i32, tokens: usize, count: i32, out: usize): void {
  const bytes = (<usize>width) << 2;
  for (let t = 0; t < count; t++) {
    memory.copy(out, table + <usize>load<u32>(tokens + ((<usize>t) << 2)) * bytes, bytes);
    out += bytes;
  }
}
