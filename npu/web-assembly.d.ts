/** The part of the WebAssembly interface that the translating engine uses; Node's types leave it to the DOM library. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    constructor(descriptor: MemoryDescriptor);
  }

  class Module {
    constructor(octets: Uint8Array);
  }

  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  }
}
