import { type BuildFacts, buildKindOf, defaultMemoryMb, runtimeTypeOf } from './build-defaults.ts';
import { type Findings, named } from './findings.ts';
import { pathInsideFolder } from './folder-path.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { BuildKind, Manifest } from './model.ts';
import { readAppName } from './read-app-name.ts';
import { readAppId, readDeployTargets, readEnv, readSecrets } from './read-parts.ts';
import { BUILD_KINDS, ISOLATIONS, LIFECYCLES, RUNTIME_KINDS, VISIBILITIES } from './values.ts';

/** A timer of JavaScript holds 2^31 - 1 milliseconds; a longer one fires at once. */
const MAX_TIMER_SEC = 2_147_483;
/** 32-bit linear memory ends at 4 GiB; for containers and guests it is a bound nobody meets. */
const MAX_WASM_MEMORY_MB = 4096;
const MAX_MEMORY_MB = 1 << 20;

/** Reads what the reader finds; whatever is wrong has been reported and reads as its default. */
export function readManifest(reader: ManifestReader, findings: Findings, hasComponent: boolean): Manifest {
  for (const table of ['app', 'agent', 'build', 'runtime', 'health', 'capabilities']) reader.keys([table]);
  const main = readPath(reader, findings, ['build', 'main']);
  const facts: BuildFacts = {
    declaredKind: reader.oneOf(['build', 'kind'], BUILD_KINDS),
    declaredType: reader.oneOf(['runtime', 'type'], RUNTIME_KINDS),
    hasMain: reader.has(['build', 'main']),
    hasAssets: reader.has(['build', 'assets']),
    hasComponent,
  };
  const kind = buildKindOf(facts);
  if (kind === 'js' && !facts.hasMain) {
    const at: KeyPath = facts.declaredKind === null ? ['build', 'assets'] : ['build', 'kind'];
    findings.atKey('error', at, 'there is no module to run', 'add `build.main`, e.g. main = "src/main.ts"');
  }
  if (kind === 'docker' && facts.hasMain) {
    findings.atKey('warning', ['build', 'main'], '`build.main` is not used by a docker build', 'remove it');
  }
  const deploy = readDeployTargets(reader, findings);
  if (kind !== 'js') refuseWorkers(findings, facts, kind, deploy);
  return {
    app: {
      id: readAppId(reader, findings),
      name: readAppName(reader, findings),
      description: reader.text(['app', 'description']) ?? '',
      visibility: reader.oneOf(['app', 'visibility'], VISIBILITIES) ?? 'private',
    },
    build: { kind, main: kind === 'js' ? main : null },
    runtime: readRuntime(reader, findings, facts),
    health: {
      path: readHealthPath(reader, findings),
      timeoutSec: reader.integer(['health', 'timeout_sec'], { min: 1, max: MAX_TIMER_SEC }) ?? 30,
    },
    env: readEnv(reader, findings, ['env']),
    deploy,
    capabilities: {
      subscribeSegments: reader.texts(['capabilities', 'subscribe_segments']),
      emitSegments: reader.texts(['capabilities', 'emit_segments']),
      httpAllowList: reader.texts(['capabilities', 'http_allow_list']),
      actions: reader.texts(['capabilities', 'actions']),
    },
    secrets: readSecrets(reader, findings),
  };
}

/** A worker runs a module, and there is none. */
function refuseWorkers(
  findings: Findings,
  { declaredType }: BuildFacts,
  kind: BuildKind,
  deploy: Manifest['deploy'],
): void {
  const asked: KeyPath[] = [
    ...(declaredType === 'worker' ? [['runtime', 'type']] : []),
    ...deploy.flatMap(({ runtime }, index) => (runtime === 'worker' ? [['deploy', index, 'runtime']] : [])),
  ];
  const made = kind === 'docker' ? 'a container image' : 'a component';
  for (const path of asked) {
    const what = `${named(path)} cannot be "worker": that runs a JavaScript module, and this build makes ${made}`;
    findings.atValue(path, what, 'name the module, e.g. main = "src/main.ts" under [build], or leave it out');
  }
}

function readRuntime(reader: ManifestReader, findings: Findings, facts: BuildFacts): Manifest['runtime'] {
  const type = runtimeTypeOf(facts);
  const onV8 = type === 'wasm-http' || type === 'worker';
  const memory = { min: 1, max: onV8 ? MAX_WASM_MEMORY_MB : MAX_MEMORY_MB };
  return {
    type,
    typeDeclared: facts.declaredType !== null,
    lifecycle: reader.oneOf(['runtime', 'lifecycle'], LIFECYCLES) ?? 'on_request',
    idleTimeoutSec: reader.integer(['runtime', 'idle_timeout_sec'], { min: 1, max: MAX_TIMER_SEC }) ?? 300,
    memoryMb: reader.integer(['runtime', 'memory_mb'], memory) ?? defaultMemoryMb(buildKindOf(facts), type),
    entry: readPath(reader, findings, ['runtime', 'entry']) ?? 'app.wasm',
    fuelPerRequest:
      reader.integer(['runtime', 'fuel_per_request'], { min: 1, max: Number.MAX_SAFE_INTEGER }) ??
      1_000_000_000,
    isolation: reader.oneOf(['runtime', 'isolation'], ISOLATIONS) ?? 'pool',
  };
}

function readPath(reader: ManifestReader, findings: Findings, path: KeyPath): string | null {
  const text = reader.text(path);
  if (text === null) return null;
  const inside = pathInsideFolder(text);
  if (inside === null) {
    const what = `\`${path.join('.')}\` must be a file inside the app's folder, not ${JSON.stringify(text.slice(0, 80))}`;
    findings.atValue(path, what, 'write a path relative to the manifest, without leading `/` or `..`');
  }
  return inside;
}

function readHealthPath(reader: ManifestReader, findings: Findings): string {
  const path = reader.text(['health', 'path']) ?? '/';
  if (/^\/[\x21-\x7e]*$/.test(path) && !path.includes('#')) return path;
  findings.atValue(['health', 'path'], '`health.path` is no path of a URL', 'write e.g. path = "/health"');
  return '/';
}
