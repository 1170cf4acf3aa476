/** The part of WebAssembly's API that is used: neither ES2023 nor Node 20's types declare it, and DOM's bring a browser. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  interface Module {
    /** Not there at run time: keeps any other object from passing for a module. */
    readonly __module: never;
  }
  const Module: new (bytes: Uint8Array) => Module;

  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  const Instance: new (module: Module, imports?: Readonly<Record<string, object>>) => Instance;

  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
}
