import { type AppChannel, DenialLog } from '../../egress/index.ts';
import { messageOf, systemClock } from '../../kit/index.ts';
import type { AppLog } from '../app-log.ts';
import type { SecretFiles } from '../runtime.ts';
import { Beginning } from './beginning.ts';
import { collectGarbage } from './collect-garbage.ts';
import { createInstance, type Instance } from './instance.ts';
import { InstancePool } from './instance-pool.ts';
import { LineOutput } from './line-output.ts';
import type { LoadedArtifact } from './load-artifact.ts';
import { guardRejections } from './rejection-guard.ts';
import { openAppFiles } from './wasi/filesystem/app-files.ts';
import { memoryFiles } from './wasi/filesystem/memory-files.ts';
import { OutgoingConnections } from './wasi/http/outgoing-connections.ts';
import type { ImportHost } from './wasi/imports.ts';
import { WasmApp } from './wasm-app.ts';

const MIB = 1 << 20;
const FILES_FULL =
  'the app has as much data as runtime.data_mb of tabbify.toml says, or as many files as there may be: remove some, or raise it';
const HTTP_ONLY = 'apps reach other hosts by HTTP only, through wasi:http/outgoing-handler';

/** A component and what it may have, in whatever process it is run. */
export interface ComponentParts {
  readonly artifact: LoadedArtifact;
  readonly env: Readonly<Record<string, string>>;
  /** MiB that an instance may have. */
  readonly memoryMb: number;
  /** Bytes of linear memory that all instances may have together. */
  readonly budgetBytes: number;
  readonly fuelPerRequest: number;
  /** False: each request gets an instance as it was before its first one. */
  readonly reuse: boolean;
  readonly channel: AppChannel;
  /** The app has `/data`, asked for over the channel. */
  readonly hasFiles: boolean;
  readonly secretFiles: SecretFiles;
  readonly log: AppLog;
  /** When its start began, on the clock of `performance.now()`. */
  readonly began: number;
}

/**
 * Starts a component on this process's own V8, with JSPI.
 *
 * @throws whatever its start code throws
 */
export async function startComponent(parts: ComponentParts): Promise<WasmApp> {
  const { log, memoryMb, fuelPerRequest } = parts;
  const loaded = performance.now();
  const denials = new DenialLog((line) => log.line('platform', line), systemClock);
  const beginning = parts.artifact.restorable && !parts.reuse ? new Beginning() : null;
  const connections = new OutgoingConnections(parts.channel);
  const files = parts.hasFiles ? openAppFiles(parts.channel) : null;
  const secretFiles = Object.keys(parts.secretFiles).length > 0 ? memoryFiles(parts.secretFiles) : null;
  const pool = new InstancePool({
    create: () => newInstance(parts, connections, denials, beginning, { files, secretFiles }),
    instanceBytes: memoryMb * MIB,
    budgetBytes: parts.budgetBytes,
    collect: collectGarbage,
    reuse: parts.reuse,
  });
  const unguard = guardRejections((error) =>
    log.line('platform', `left behind by the app: ${messageOf(error)}`),
  );
  try {
    await pool.warm();
  } catch (error) {
    unguard();
    files?.close();
    connections.close();
    throw error;
  }
  const startup = {
    load_ms: Math.round(loaded - parts.began),
    instantiate_ms: Math.round(performance.now() - loaded),
  };
  const onStopped = (): void => {
    unguard();
    files?.close();
    connections.close();
  };
  return new WasmApp({ pool, bounds: { memoryMb, fuelPerRequest }, log, startup, onStopped });
}

function newInstance(
  { artifact, env, fuelPerRequest, log }: ComponentParts,
  connections: OutgoingConnections,
  denials: DenialLog,
  beginning: Beginning | null,
  files: Pick<ImportHost, 'files' | 'secretFiles'>,
): Promise<Instance> {
  const host = {
    env,
    stdout: new LineOutput((line) => log.line('stdout', line)),
    stderr: new LineOutput((line) => log.line('stderr', line)),
    connections,
    onSocketDenied: (what: string) => denials.other(what, HTTP_ONLY),
    ...files,
    onFilesFull: () => denials.other('a write to /data', FILES_FULL),
  };
  return createInstance(artifact, host, fuelPerRequest, beginning);
}
