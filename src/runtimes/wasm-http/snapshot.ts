import { KeptMemory } from './put-back.ts';
import { type WasmCounter, type WasmInstance, type WasmMemory, webAssembly } from './webassembly.ts';

/** Names under which the builder exports a core's own mutable globals. */
const GLOBAL = /^\$g\d+$/;

/** What the core modules of an instance held at one moment: linear memories and mutable globals, in the order of the cores. */
export class Snapshot {
  readonly #memories: readonly KeptMemory[];
  readonly #globals: readonly unknown[];

  constructor(cores: readonly WasmInstance[]) {
    const { memories, globals } = holdersOf(cores);
    this.#memories = memories.map((memory) => new KeptMemory(memory));
    this.#globals = globals.map(({ value }) => value);
  }

  /**
   * Prepares to put the core modules of an instance of the same component to what they held then.
   *
   * @returns does it; false where a memory has another size: it cannot shrink, and nothing has been changed
   */
  wayBack(cores: readonly WasmInstance[]): () => boolean {
    const { memories, globals } = holdersOf(cores);
    const back = this.#memories.flatMap((kept, at) => {
      const memory = memories[at];
      return memory === undefined ? [] : [kept.wayBack(memory)];
    });
    const isSame = memories.length === this.#memories.length && globals.length === this.#globals.length;
    return () => {
      if (!isSame || !back.every(({ fits }) => fits())) return false;
      for (const { go } of back) go();
      for (const [at, global] of globals.entries()) global.value = this.#globals[at] as bigint;
      return true;
    };
  }
}

function holdersOf(cores: readonly WasmInstance[]): {
  readonly memories: readonly WasmMemory[];
  readonly globals: readonly WasmCounter[];
} {
  const memories = new Set<WasmMemory>();
  const globals: WasmCounter[] = [];
  for (const { exports } of cores) {
    for (const [name, value] of Object.entries(exports)) {
      if (value instanceof webAssembly.Memory) memories.add(value);
      else if (GLOBAL.test(name)) globals.push(value as WasmCounter);
    }
  }
  return { memories: [...memories], globals };
}
