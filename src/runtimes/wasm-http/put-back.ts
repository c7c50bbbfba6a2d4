import { type WasmMemory, type WasmModule, webAssembly } from './webassembly.ts';

/** What `put-back.wat` is compiled to. */
export const PUT_BACK =
  'AGFzbQEAAAABBgFgAn9/AAITAgAEaGVsZAIAAAAEa2VwdAIAAAMDAgAABxACBGNvcHkAAAVjbGVhcgABCqEDAoUCAANAIAD9AEQBACAA/QAEAP1RIAD9AEQB' +
  'ECAA/QAEEP1R/VAgAP0ARAEgIAD9AAQg/VEgAP0ARAEwIAD9AAQw/VH9UP1QIAD9AEQBQCAA/QAEQP1RIAD9AEQBUCAA/QAEUP1R/VAgAP0ARAFgIAD9AARg' +
  '/VEgAP0ARAFwIAD9AARw/VH9UP1Q/VD9UwRAIAAgAP0ARAEA/QsEACAAIAD9AEQBEP0LBBAgACAA/QBEASD9CwQgIAAgAP0ARAEw/QsEMCAAIAD9AEQBQP0L' +
  'BEAgACAA/QBEAVD9CwRQIAAgAP0ARAFg/QsEYCAAIAD9AEQBcP0LBHALIABBgAFqIgAgAUkNAAsLlwEBAXsDQCAA/QAEACAA/QAEEP1QIAD9AAQgIAD9AAQw' +
  '/VD9UCAA/QAEQCAA/QAEUP1QIAD9AARgIAD9AARw/VD9UP1Q/VMEQCAAIAL9CwQAIAAgAv0LBBAgACAC/QsEICAAIAL9CwQwIAAgAv0LBEAgACAC/QsEUCAA' +
  'IAL9CwRgIAAgAv0LBHALIABBgAFqIgAgAUkNAAsL';

/** The two functions of `put-back.wat`, for the bytes from `at` to `end`, which are not the same. */
interface PutBack {
  readonly copy: (at: number, end: number) => void;
  readonly clear: (at: number, end: number) => void;
}

/** Of WebAssembly. */
const PAGE_BYTES = 65_536;

/** Bytes that are looked at together: are they all zeros? */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

let compiled: WasmModule | null = null;

/** Bytes of a memory, from `at` to `end`, that are all zeros or that are not. */
interface Run {
  readonly at: number;
  readonly end: number;
  readonly isZero: boolean;
}

/**
 * What a memory held at one moment. A memory is put back by comparing it with this and writing what differs: a request changes a twentieth
 * of it, and writing all of it would throw the rest out of the processor's caches, too, where the next request looks for it. It
 * is compared to its last byte, whoever may have written there.
 */
export class KeptMemory {
  readonly #copy: WasmMemory;
  readonly #runs: readonly Run[];
  readonly #bytes: number;

  constructor(memory: WasmMemory) {
    this.#bytes = memory.buffer.byteLength;
    this.#copy = new webAssembly.Memory({ initial: this.#bytes / PAGE_BYTES });
    // What is zero is not written, and so takes up no memory.
    if (this.#bytes > 0) instantiate(this.#copy, memory).copy(0, this.#bytes);
    this.#runs = runsOf(Buffer.from(this.#copy.buffer));
  }

  /** Prepares to put a memory back, this one or that of another instance: `go` does it where it `fits`, as a memory that has grown does not. */
  wayBack(memory: WasmMemory): { readonly fits: () => boolean; readonly go: () => void } {
    const { copy, clear } = instantiate(memory, this.#copy);
    return {
      fits: () => memory.buffer.byteLength === this.#bytes,
      go: () => {
        for (const { at, end, isZero } of this.#runs) {
          if (isZero) clear(at, end);
          else copy(at, end);
        }
      },
    };
  }
}

function instantiate(held: WasmMemory, kept: WasmMemory): PutBack {
  compiled ??= new webAssembly.Module(Buffer.from(PUT_BACK, 'base64'));
  const { exports } = new webAssembly.Instance(compiled, { '': { held, kept } });
  return exports as unknown as PutBack;
}

function runsOf(bytes: Buffer): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const end = at + BLOCK_BYTES;
    const isZero = bytes.compare(ZEROS, 0, BLOCK_BYTES, at, end) === 0;
    const last = runs.at(-1);
    if (last?.isZero === isZero) runs[runs.length - 1] = { ...last, end };
    else runs.push({ at, end, isZero });
  }
  return runs;
}
