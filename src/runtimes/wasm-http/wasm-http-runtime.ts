import { DenialLog } from '../../egress/index.ts';
import { messageOf, systemClock } from '../../kit/index.ts';
import { AppLog } from '../app-log.ts';
import { runtimeError } from '../errors.ts';
import { instancesBytes } from '../process-memory.ts';
import type { RunningApp, Runtime, StartSpec } from '../runtime.ts';
import { collectGarbage } from './collect-garbage.ts';
import { wasmHttp } from './description.ts';
import { createInstance, type Instance } from './instance.ts';
import { InstancePool } from './instance-pool.ts';
import { LineOutput } from './line-output.ts';
import { type LoadedArtifact, loadArtifact } from './load-artifact.ts';
import { guardRejections } from './rejection-guard.ts';
import { WasmApp } from './wasm-app.ts';

const MIB = 1 << 20;
const HTTP_ONLY = 'apps reach other hosts by HTTP only, through wasi:http/outgoing-handler';

/** Components that export `wasi:http/incoming-handler`, on this process's own V8 with JSPI. */
export const wasmHttpRuntime: Runtime = { ...wasmHttp, start };

async function start(spec: StartSpec): Promise<RunningApp> {
  const began = performance.now();
  const artifact = await loadArtifact(spec.artifactDir);
  const loaded = performance.now();
  const log = new AppLog(spec.log, systemClock);
  const denials = new DenialLog((line) => log.line('platform', line), systemClock);
  const pool = new InstancePool({
    create: () => newInstance(artifact, spec, log, denials),
    instanceBytes: spec.memoryMb * MIB,
    budgetBytes: instancesBytes(spec.memoryMb),
    collect: collectGarbage,
    reuse: spec.isolation === 'pool',
  });
  const unguard = guardRejections((error) =>
    log.line('platform', `left behind by the app: ${messageOf(error)}`),
  );
  try {
    await pool.warm();
  } catch (error) {
    unguard();
    throw runtimeError('start_failed', {
      what: 'The component did not start',
      why: messageOf(error),
      hint: 'Its start code must neither trap nor call what it was not granted',
      cause: error,
    });
  }
  const startup = {
    load_ms: Math.round(loaded - began),
    instantiate_ms: Math.round(performance.now() - loaded),
  };
  const bounds = { memoryMb: spec.memoryMb, fuelPerRequest: spec.fuelPerRequest };
  return new WasmApp({ pool, bounds, log, startup, onStopped: unguard });
}

function newInstance(
  artifact: LoadedArtifact,
  spec: StartSpec,
  log: AppLog,
  denials: DenialLog,
): Promise<Instance> {
  const host = {
    env: spec.env,
    stdout: new LineOutput((line) => log.line('stdout', line)),
    stderr: new LineOutput((line) => log.line('stderr', line)),
    channel: spec.channel,
    onSocketDenied: (what: string) => denials.other(what, HTTP_ONLY),
  };
  return createInstance(artifact, host, spec.fuelPerRequest);
}
