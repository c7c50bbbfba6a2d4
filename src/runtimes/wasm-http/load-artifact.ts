import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { messageOf } from '../../kit/index.ts';
import { runtimeError } from '../errors.ts';
import { ARTIFACT_FILE, type WasmHttpArtifact } from './artifact.ts';
import { type WasmImports, type WasmInstance, type WasmModule, webAssembly } from './webassembly.ts';

/** `instantiate` of the glue that jco writes (`instantiation: async`). */
export type Instantiate = (
  getCore: (name: string) => WasmModule,
  imports: Readonly<Record<string, object>>,
  instantiateCore: (core: WasmModule, imports?: WasmImports) => WasmInstance,
) => unknown;

/** An artifact in memory: compiled once, instantiated often. */
export interface LoadedArtifact {
  readonly instantiate: Instantiate;
  readonly cores: ReadonlyMap<string, WasmModule>;
  /** Name of the export that answers requests. */
  readonly handler: string;
  /** Where its source map lies, read when somebody asks for a place; null: it has none. */
  readonly mapPath: string | null;
  /** See `WasmHttpArtifact.restorable`. */
  readonly restorable: boolean;
  /** The app, where the component is an engine that loads it; else null. */
  readonly bundle: Uint8Array | null;
}

const HANDLER = /^wasi:http\/incoming-handler@0\.2\.\d+$/;

/** An artifact in its folder, for somebody else to read: names of its files. */
export interface FoundArtifact {
  readonly glue: string;
  readonly cores: readonly string[];
  readonly handler: string;
  readonly mapPath: string | null;
  readonly restorable: boolean;
  /** See `LoadedArtifact.bundle`. */
  readonly bundle: Uint8Array | null;
}

/**
 * Reads and compiles the artifact of a folder; everything that can go on at once does.
 *
 * @throws TabbifyError `artifact_invalid`
 */
export function loadArtifact(dir: string): Promise<LoadedArtifact> {
  return inFolder(dir, async (artifact) => {
    const [glue, cores] = await Promise.all([
      import(pathToFileURL(join(dir, artifact.glue)).href),
      Promise.all(
        artifact.cores.map(async (name) => [name, compileCore(await readFile(join(dir, name)))] as const),
      ),
    ]);
    return {
      instantiate: instantiateOf(glue),
      cores: new Map(cores),
      handler: artifact.handler,
      mapPath: mapIn(dir, artifact),
      restorable: artifact.restorable === true,
      bundle: await bundleIn(dir, artifact),
    };
  });
}

/** What the artifact of a folder is made of. @throws TabbifyError `artifact_invalid` */
export function findArtifact(dir: string): Promise<FoundArtifact> {
  return inFolder(dir, async (artifact) => {
    const { glue, cores, handler } = artifact;
    const [mapPath, bundle] = [mapIn(dir, artifact), await bundleIn(dir, artifact)];
    return { glue, cores, handler, mapPath, bundle, restorable: artifact.restorable === true };
  });
}

function mapIn(dir: string, { map }: WasmHttpArtifact): string | null {
  return map === null || map === undefined ? null : join(dir, map);
}

async function bundleIn(dir: string, { bundle }: WasmHttpArtifact): Promise<Uint8Array | null> {
  return bundle === null || bundle === undefined ? null : readFile(join(dir, bundle));
}

/** @throws Error when the glue is none */
export function instantiateOf(glue: Readonly<Record<string, unknown>>): Instantiate {
  if (typeof glue.instantiate !== 'function') throw new Error('the glue exports no instantiate');
  return glue.instantiate as Instantiate;
}

/**
 * V8 compiles functions at their first call, so this mostly reads and checks; it is done on this thread, which is quicker. Functions are
 * validated when they are first called too, not all of them at the start: measured 45 → 10 ms for the 16 MB of a TypeScript app. The flag is set
 * no earlier, as from then on V8 takes no compiled code out of a cache, be it node's own: measured 30 → 50 ms for what `fetch` is made of.
 */
export function compileCore(bytes: Uint8Array): WasmModule {
  setFlagsFromString('--wasm-lazy-validation');
  return new webAssembly.Module(bytes);
}

async function inFolder<Value>(
  dir: string,
  read: (artifact: WasmHttpArtifact) => Promise<Value>,
): Promise<Value> {
  try {
    return await read(checked(JSON.parse(await readFile(join(dir, ARTIFACT_FILE), 'utf8'))));
  } catch (error) {
    throw runtimeError('artifact_invalid', {
      what: `The artifact in ${dir} cannot be run`,
      why: messageOf(error),
      hint: 'Publish the app again; the artifact is then built anew',
      cause: error,
    });
  }
}

function checked(value: Partial<WasmHttpArtifact> | null): WasmHttpArtifact {
  const { format, kind, glue, cores, handler, map = null, bundle = null } = value ?? {};
  if (format !== 1 || kind !== 'wasm-http')
    throw new Error(`format ${format} of kind ${kind} is unknown here`);
  if (!isFileName(glue) || !Array.isArray(cores) || !cores.every(isFileName)) {
    throw new Error(`${ARTIFACT_FILE} names no glue or cores`);
  }
  if (typeof handler !== 'string' || !HANDLER.test(handler)) {
    throw new Error(`the component exports ${handler}, not wasi:http/incoming-handler@0.2`);
  }
  if (map !== null && !isFileName(map)) throw new Error(`${ARTIFACT_FILE} names no source map`);
  if (bundle !== null && !isFileName(bundle)) throw new Error(`${ARTIFACT_FILE} names no bundle`);
  const restorable = value?.restorable === true;
  const mutableGlobals = value?.mutableGlobals ?? {};
  return { format, kind, glue, cores, handler, map, bundle, restorable, mutableGlobals };
}

function isFileName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && basename(name) === name;
}
