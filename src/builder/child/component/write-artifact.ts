import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACT_FILE, type WasmHttpArtifact } from '../../artifact-format.ts';
import { type Bounds, PAGE_BYTES, TABLE_MAX_ENTRIES } from '../../wasm/limits.ts';
import { changesMemoryAlone } from '../../wasm/memory-alone.ts';
import { meterModule, ownParts } from '../../wasm/meter-module.ts';
import type { Transpiled } from './transpile.ts';

/** `.mjs`, so that it is a module wherever it lies. */
const GLUE = 'app.mjs';
/** Of the module that the engine has loaded; read by nothing but what tells places of errors. */
const MAP = 'app.js.map';

/** What an artifact is made of. */
export interface ArtifactParts extends Transpiled {
  /** Source map of a bundled app; null: there is none. */
  readonly map: string | null;
  /** The component was made here, whatever its map is. */
  readonly isOurs?: boolean;
}

/**
 * Writes the artifact folder, with the app's bounds in every core module. A component with several memories shares
 * `memoryMb` among them evenly, one with several tables their bound.
 *
 * @returns bytes written
 * @throws TabbifyError `build_failed` for modules that cannot be bounded
 */
export async function writeArtifact(
  folder: string,
  transpiled: ArtifactParts,
  memoryMb: number,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const bounds = boundsOf(transpiled, memoryMb);
  const mutableGlobals: Record<string, readonly string[]> = {};
  let size = transpiled.glue.length;
  for (const [name, core] of transpiled.cores) {
    const metered = meterModule(core, bounds);
    mutableGlobals[name] = metered.mutableGlobals;
    size += metered.bytes.length;
    await writeFile(join(folder, name), metered.bytes);
  }
  const record: WasmHttpArtifact = {
    format: 1,
    kind: 'wasm-http',
    glue: GLUE,
    cores: [...transpiled.cores.keys()],
    mutableGlobals,
    handler: transpiled.handler,
    map: transpiled.map === null ? null : MAP,
    // One that was made elsewhere may draw random numbers while it starts, which all its requests would then share.
    restorable:
      (transpiled.map !== null || transpiled.isOurs === true) &&
      [...transpiled.cores.values()].every(changesMemoryAlone),
    suspendsForFiles: true,
  };
  if (transpiled.map !== null) await writeFile(join(folder, MAP), transpiled.map);
  await writeFile(join(folder, GLUE), transpiled.glue);
  await writeFile(join(folder, ARTIFACT_FILE), `${JSON.stringify(record, null, 2)}\n`);
  return size;
}

function boundsOf({ cores, instances }: Transpiled, memoryMb: number): Bounds {
  let memories = 0;
  let tables = 0;
  for (const [name, core] of cores) {
    const own = ownParts(core);
    const count = instances.get(name) ?? 0;
    memories += own.memories * count;
    tables += own.tables * count;
  }
  return {
    memoryMaxPages: Math.floor((memoryMb * 2 ** 20) / PAGE_BYTES / Math.max(1, memories)),
    tableMaxEntries: Math.floor(TABLE_MAX_ENTRIES / Math.max(1, tables)),
  };
}
