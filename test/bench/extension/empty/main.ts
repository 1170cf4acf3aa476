/** An extension that does nothing: what activation costs at the least. */
export function activate(): void {
  // Nothing.
}
