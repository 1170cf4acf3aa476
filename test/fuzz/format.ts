/** What the fuzzer needs to know of a format; test/fuzz/formats has one file for each. */
export interface FuzzSeed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Files of its folder, by name, that it needs; they stay whole. */
  readonly siblings?: ReadonlyMap<string, Uint8Array>;
}

export interface FuzzFormat {
  readonly name: string;
  /** Whole files that a reader accepts; small ones, for speed. */
  seeds(): readonly FuzzSeed[];
  /** A change that knows the format's structure, so that it gets past its first checks. @param random in [0, 1) */
  mutate?(bytes: Uint8Array, random: () => number): Uint8Array;
}
