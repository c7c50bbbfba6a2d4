import {
  areFilesAlone,
  type BuildFacts,
  buildKindOf,
  defaultMemoryMb,
  runtimeTypeOf,
} from './build-defaults.ts';
import { type Findings, named } from './findings.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Manifest, RuntimeKind } from './model.ts';
import { readPath } from './read-path.ts';
import { ISOLATIONS, LIFECYCLES } from './values.ts';

/** 32-bit linear memory ends at 4 GiB. */
const MAX_WASM_MEMORY_MB = 4096;

/** `[runtime]`. @param types every runtime that a target may have it run in */
export function readRuntime(
  reader: ManifestReader,
  findings: Findings,
  facts: BuildFacts,
  types: ReadonlySet<RuntimeKind>,
): Manifest['runtime'] {
  const type = runtimeTypeOf(facts);
  const lifecycle = reader.oneOf(['runtime', 'lifecycle'], LIFECYCLES) ?? 'on_request';
  const onV8 = type === 'wasm-http' || type === 'worker';
  const stateful = reader.boolean(['runtime', 'stateful']) ?? false;
  if (!areFilesAlone(facts)) warnOfUnused(reader, findings, { types, stateful });
  return {
    type,
    typeDeclared: facts.declaredType !== null,
    image: readImage(reader, findings),
    language: reader.text(['runtime', 'language']),
    lifecycle,
    idleTimeoutSec: reader.integer(['runtime', 'idle_timeout_sec']) ?? 300,
    memoryMb:
      reader.integer(['runtime', 'memory_mb'], onV8 ? MAX_WASM_MEMORY_MB : undefined) ??
      defaultMemoryMb(buildKindOf(facts), type),
    vcpus: reader.integer(['runtime', 'vcpus']) ?? 1,
    entry: readPath(reader, findings, ['runtime', 'entry']) ?? 'app.wasm',
    fuelPerRequest: reader.integer(['runtime', 'fuel_per_request']) ?? 1_000_000_000,
    isolation: reader.oneOf(['runtime', 'isolation'], ISOLATIONS) ?? 'pool',
    port: reader.integer(['runtime', 'port']),
    stateful,
    dataMb: reader.integer(['runtime', 'data_mb']) ?? 1024,
  };
}

/** Of the reference grammar of container images, what tells a mistake from a name. */
const IMAGE = /^[a-z0-9][a-z0-9._:/-]*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

function readImage(reader: ManifestReader, findings: Findings): string | null {
  const image = reader.text(['runtime', 'image']);
  if (image === null || (IMAGE.test(image) && !image.includes('://') && image.length <= 512)) return image;
  const what = `\`runtime.image\` is no name of an image: ${JSON.stringify(image.slice(0, 80))}`;
  findings.atValue(['runtime', 'image'], what, 'write e.g. image = "ghcr.io/me/my-agent:1.2"');
  return null;
}

interface InUse {
  readonly types: ReadonlySet<RuntimeKind>;
  readonly stateful: boolean;
}

/** What is written and has no effect is most often meant to have one. */
function warnOfUnused(reader: ManifestReader, findings: Findings, { types, stateful }: InUse): void {
  const warn = (key: string, why: string, hint: string): void => {
    const path = ['runtime', key];
    if (reader.has(path)) findings.atKey('warning', path, `${named(path)} has no effect: ${why}`, hint);
  };
  const runs = [...types].map((type) => `\`${type}\``).join(' and ');
  if (!types.has('wasm-http')) {
    for (const key of ['entry', 'fuel_per_request', 'isolation']) {
      warn(key, `the app runs as ${runs}`, 'remove it, or set `runtime.type = "wasm-http"`');
    }
  }
  if (!types.has('docker') && !types.has('firecracker')) {
    warn('port', `an app that runs as ${runs} listens nowhere`, 'remove it');
  }
  if (!stateful) warn('data_mb', 'the app keeps no data', 'add `stateful = true`, or remove it');
}
