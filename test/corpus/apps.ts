import { appUla } from '../../src/app/index.ts';
import type { DomainEvents, RunSettings } from '../../src/state/index.ts';
import { digestOf, idAt } from './ids.ts';
import type { Random } from './random.ts';
import { nameOf } from './words.ts';

export const HOSTS = ['local', 'oslo', 'vienna'] as const;

/** An app of the corpus and where it stands. */
export interface CorpusApp {
  readonly uuid: string;
  readonly name: string;
  readonly slug: string;
  readonly ula: string;
  readonly host: string;
  readonly settings: RunSettings;
  /** Digest of each version; index 0 is version 1. */
  readonly versions: string[];
  generation: number;
  /** Version in place; 0: none yet. */
  version: number;
  running: boolean;
}

export function corpusApp(n: number): CorpusApp {
  const uuid = idAt(Date.UTC(2026, 4, 1) + n, 0xa000000 + n);
  const name = nameOf(n);
  return {
    uuid,
    name,
    slug: name.toLowerCase().replaceAll(' ', '-'),
    ula: appUla(uuid),
    host: HOSTS[n % HOSTS.length]!,
    settings: {
      type: n % 3 === 0 ? 'wasm-http' : 'worker',
      lifecycle: n % 10 === 0 ? 'always_on' : 'on_request',
      idle_timeout_sec: 300,
      memory_mb: n % 3 === 0 ? 64 : 512,
      entry: 'app.wasm',
      main: 'src/main.ts',
      fuel_per_request: 1_000_000_000,
      isolation: 'pool',
      health_path: '/',
      health_timeout_sec: 30,
    },
    versions: [],
    generation: 0,
    version: 0,
    running: false,
  };
}

export function publishedVersion(app: CorpusApp, random: Random): DomainEvents['version_published'] {
  const version = app.versions.length + 1;
  return {
    app: app.uuid,
    version,
    digest: digestOf(`${app.uuid} v${version}`),
    files: random.between(3, 60),
    bytes: random.between(2_000, 900_000),
    name: app.name,
    visibility: app.generation % 2 === 0 ? 'private' : 'public',
    runtime: app.settings,
    assets: null,
    runtime_declared: true,
    env: { LOG_LEVEL: 'info', REGION: app.host },
    targets: [],
    requests: [
      ...(random.onceIn(10) ? ['http:api.stripe.com'] : []),
      ...(app.generation % 2 === 0 ? [] : ['visibility:public']),
    ],
    ...{ secrets: [], doubts: [], inherited: [] },
  };
}

/** @param version number of one of the app's versions */
export function builtArtifact(
  app: CorpusApp,
  version: number,
  random: Random,
): DomainEvents['artifact_built'] {
  const digest = artifactOf(app, version);
  return {
    app: app.uuid,
    version,
    version_digest: app.versions[version - 1]!,
    kind: app.settings.type === 'worker' ? 'module' : 'wasm-http',
    builder_digest: digestOf('builder'),
    digest,
    prefix: `artifacts/${digest}/`,
    build_ms: random.between(200, 9000),
  };
}

export function assigned(app: CorpusApp, deployment: string, version: number): DomainEvents['app_assigned'] {
  const digest = artifactOf(app, version);
  return {
    supervisor: app.host,
    app: app.uuid,
    deployment_id: deployment,
    version,
    generation: app.generation,
    environment: 'production',
    runtime: app.settings.type,
    settings: app.settings,
    env: {
      LOG_LEVEL: 'info',
      REGION: app.host,
      TABBIFY_APP_ID: app.uuid,
      TABBIFY_APP_NAME: app.name,
      TABBIFY_OFFICE: 'default',
      TABBIFY_VERSION: String(version),
      TABBIFY_ENVIRONMENT: 'production',
    },
    artifact_digest: digest,
    artifact_prefix: `artifacts/${digest}/`,
    address: app.ula,
  };
}

function artifactOf(app: CorpusApp, version: number): string {
  return digestOf(`${app.uuid} v${version} artifact`);
}
