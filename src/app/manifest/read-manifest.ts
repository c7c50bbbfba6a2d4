import { buildKindOf, runtimeTypeOf } from './build-defaults.ts';
import type { Findings } from './findings.ts';
import { FORMAT } from './format.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Manifest } from './model.ts';
import { readAppName } from './read-app-name.ts';
import { readBuild, readBuildFacts, refuseRuntimes } from './read-build.ts';
import { readCapabilities } from './read-capabilities.ts';
import { readAppId, readDeployTargets, readEnv, readSecrets } from './read-parts.ts';
import { readRuntime } from './read-runtime.ts';
import { readSchedule } from './read-schedule.ts';
import { VISIBILITIES } from './values.ts';

/** Reads what the reader finds; whatever is wrong has been reported and reads as its default. */
export function readManifest(reader: ManifestReader, findings: Findings, hasComponent: boolean): Manifest {
  for (const [name, { value }] of Object.entries(FORMAT)) if (value.type === 'table') reader.keys([name]);
  const facts = readBuildFacts(reader, hasComponent);
  const deploy = readDeployTargets(reader, findings);
  refuseRuntimes(findings, facts, deploy);
  const types = new Set(
    deploy.length === 0
      ? [runtimeTypeOf(facts)]
      : deploy.map(({ runtime }) => runtime ?? runtimeTypeOf(facts)),
  );
  if (buildKindOf(facts) === 'js' && facts.declaredType === null) types.add('wasm-http'); // stands in for a worker
  const env = readEnv(reader, findings, ['env']);
  const capabilities = readCapabilities(reader, findings);
  return {
    app: {
      id: readAppId(reader, findings),
      name: readAppName(reader, findings),
      description: reader.text(['app', 'description']) ?? '',
      visibility: reader.oneOf(['app', 'visibility'], VISIBILITIES) ?? 'private',
    },
    build: readBuild(reader, findings, facts),
    runtime: readRuntime(reader, findings, facts, types),
    health: {
      path: readHealthPath(reader, findings),
      timeoutSec: reader.integer(['health', 'timeout_sec']) ?? 30,
    },
    env,
    deploy,
    capabilities,
    secrets: readSecrets(reader, findings, env),
    schedule: readSchedule(reader, findings, capabilities.emitSegments),
  };
}

function readHealthPath(reader: ManifestReader, findings: Findings): string {
  const path = reader.text(['health', 'path']) ?? '/';
  if (/^\/[\x21-\x7e]*$/.test(path) && !path.includes('#')) return path;
  findings.atValue(['health', 'path'], '`health.path` is no path of a URL', 'write e.g. path = "/health"');
  return '/';
}
