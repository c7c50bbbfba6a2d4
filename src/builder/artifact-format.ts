/**
 * The folder a wasm-http artifact consists of: `artifact.json` (this record), the glue module and the core modules
 * it loads. The glue exports `instantiate(getCoreModule, imports, instantiateCore)` (jco, `instantiation: async`, JSPI).
 * Every core module exports its fuel counter as the mutable i64 global named `FUEL_EXPORT`, and its memories'
 * maxima are rewritten to the app's `memory_mb`.
 */
export interface WasmHttpArtifact {
  readonly format: 1;
  readonly kind: 'wasm-http';
  /** File name of the glue module, e.g. `app.js`. */
  readonly glue: string;
  /** File names of the core modules, main module first. */
  readonly cores: readonly string[];
  /** Mutable globals exported from each core for snapshots, by core file name. */
  readonly mutableGlobals: Readonly<Record<string, readonly string[]>>;
  /** The exported interface that answers requests, e.g. `wasi:http/incoming-handler@0.2.10`. */
  readonly handler: string;
  /** File name of the source map of the bundled module, with paths relative to the app's folder; null or missing: there is none. */
  readonly map?: string | null;
  /**
   * True: its code changes nothing but memories and the mutable globals, and its handler answers a rehearsal, so that an instance can be put back
   * to how it was before its first request.
   */
  readonly restorable?: boolean;
  /** True: its glue suspends where it asks for files. That of artifacts made by earlier builders does not. */
  readonly suspendsForFiles?: boolean;
  /**
   * File name of an app's bundle: the component is an engine, to which it is given when an instance begins. Missing or null: the
   * app is in the component.
   */
  readonly bundle?: string | null;
}

export const ARTIFACT_FILE = 'artifact.json';
export const FUEL_EXPORT = '$fuel';

/** Start of what is told of an app that an engine could not load; behind it stands why. */
export const LOAD_FAILED = 'the app failed while it was loaded: ';

/**
 * The folder a module artifact consists of: `artifact.json` (this record), one ES module for Node that imports nothing but Node's
 * own modules, and its source map with paths relative to the app's folder.
 */
export interface ModuleArtifact {
  readonly format: 1;
  readonly kind: 'module';
  /** File name of the module, e.g. `app.mjs`. */
  readonly main: string;
  /** File name of its source map, e.g. `app.mjs.map`. */
  readonly map: string;
}
