import { join } from 'node:path';
import { createDataClient, DATA_PROGRAM, type DataClient, dataFolder, dataSocket } from '../data/index.ts';
import type { RuntimePlace } from '../runtimes/index.ts';
import type { RunnerSpec } from './protocol.ts';

/**
 * The data of the app that a runner serves, in the process that all runners of the (app, environment) share (CONTRACTS §9).
 *
 * @returns null: the app keeps none
 */
export function appDataOf(spec: RunnerSpec, { home, sockets, programs }: RuntimePlace): DataClient | null {
  const { data_mb: dataMb } = spec.settings;
  if (dataMb === undefined) return null;
  // Offices of the version before do not say: they know no other.
  const folder = dataFolder(home, spec.app, spec.environment ?? 'production');
  return createDataClient({
    folder,
    socket: dataSocket(sockets, folder),
    dataMb,
    program: programBeside(programs),
  });
}

/** The program that was laid down with the runner's: it stays as long as the home does. */
function programBeside(programs: string) {
  const { NODE_COMPILE_CACHE: cache } = process.env;
  const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
  return { node: process.execPath, program: join(programs, DATA_PROGRAM.name), env };
}
