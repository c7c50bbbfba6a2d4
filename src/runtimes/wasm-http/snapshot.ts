import { type WasmCounter, type WasmInstance, type WasmMemory, webAssembly } from './webassembly.ts';

/** What core modules hold: linear memories and mutable globals, in the order of the cores. */
export interface Snapshot {
  readonly memories: readonly Uint8Array[];
  readonly globals: readonly unknown[];
}

/** Names under which the builder exports a core's own mutable globals. */
const GLOBAL = /^\$g\d+$/;

/** Takes a copy of what the core modules of an instance hold. */
export function takeSnapshot(cores: readonly WasmInstance[]): Snapshot {
  const { memories, globals } = holdersOf(cores);
  return {
    memories: memories.map(({ buffer }) => new Uint8Array(buffer).slice()),
    globals: globals.map(({ value }) => value),
  };
}

/**
 * Puts the core modules of an instance of the same component to what others held.
 *
 * @returns false where a memory has another size: it cannot shrink, and nothing has been changed
 */
export function putBack(cores: readonly WasmInstance[], snapshot: Snapshot): boolean {
  const { memories, globals } = holdersOf(cores);
  const fits = memories.every(({ buffer }, at) => buffer.byteLength === snapshot.memories[at]?.length);
  if (!fits) return false;
  for (const [at, { buffer }] of memories.entries()) {
    const bytes = snapshot.memories[at];
    if (bytes !== undefined) new Uint8Array(buffer).set(bytes);
  }
  for (const [at, global] of globals.entries()) global.value = snapshot.globals[at] as bigint;
  return true;
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
