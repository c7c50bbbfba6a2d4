import {
  createDataClient,
  type DataClient,
  dataFolder,
  dataSocket,
  laidDownDataProgram,
} from '../data/index.ts';
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
  const runtime = { node: process.execPath, cachePath: process.env.NODE_COMPILE_CACHE };
  const program = laidDownDataProgram(programs, runtime);
  return createDataClient({ folder, socket: dataSocket(sockets, folder), dataMb, program });
}
