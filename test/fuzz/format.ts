/** What the fuzzer needs to know of a format; test/fuzz/formats has one file for each. */
export interface FuzzFormat {
  readonly name: string;
  /** Whole files that a reader accepts; small ones, for speed. */
  seeds(): readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** A change that knows the format's structure, so that it gets past its first checks. @param random in [0, 1) */
  mutate?(bytes: Uint8Array, random: () => number): Uint8Array;
}
