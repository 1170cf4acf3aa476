/** The part of WebAssembly's JavaScript interface that the engine uses: Node's types leave it to the DOM's, which src must not see. */
declare namespace WebAssembly {
  // Opaque: only the functions below make and take one.
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- that is how the interface has it
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    /** Sizes in pages of 64 KiB. */
    constructor(size: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    /** @returns the size before, in pages */
    grow(pages: number): number;
  }
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports?: Imports);
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: Uint8Array): boolean;
}
