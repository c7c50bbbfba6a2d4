import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataProgram } from './client/start-process.ts';

/** Bytes of private memory of a data process: what node sets aside at its start, and what requests and answers take. */
const MEMORY_BYTES = (640 + 512) * 1024 * 1024;

/** What the data process is bundled from, and the file name of the bundle beside the runner's. */
export const DATA_PROGRAM: { readonly name: string; readonly entry: string } = {
  name: 'data.mjs',
  entry: fileURLToPath(import.meta.url).replace(/data-program\.(ts|js)$/, 'process/main.$1'),
};

/** The process of this source tree, run by this node. */
export function ownDataProgram(): DataProgram {
  return { node: process.execPath, program: DATA_PROGRAM.entry, dataBytes: MEMORY_BYTES };
}

/**
 * The process that was laid down beside the runner's program, as a runner starts it, whose own bound of memory it has.
 *
 * @param folder of the programs; it stays as long as the home does
 * @param cachePath of compiled code; missing: there is none
 */
export function laidDownDataProgram(
  folder: string,
  { node, cachePath }: { readonly node: string; readonly cachePath: string | undefined },
): DataProgram {
  const env = cachePath === undefined ? {} : { NODE_COMPILE_CACHE: cachePath };
  return { node, program: join(folder, DATA_PROGRAM.name), env };
}

/** The same with a bound of its own, for who has none. */
export function boundDataProgram(program: DataProgram): DataProgram {
  return { ...program, dataBytes: MEMORY_BYTES };
}
