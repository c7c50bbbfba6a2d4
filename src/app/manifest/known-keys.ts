import type { Manifest } from './model.ts';

/** One key of the format (CONTRACTS §4). */
export interface KnownKey {
  /** The value in use when the key is absent, for the warning about a misspelt one. */
  readonly default?: (manifest: Manifest) => string | number | boolean;
  /** Keys of a table, or of each table of an array. */
  readonly keys?: KnownKeys;
  /** A table whose keys the author chooses. */
  readonly open?: true;
}
export type KnownKeys = Readonly<Record<string, KnownKey>>;

const key: KnownKey = {};
const always = (value: string | number | boolean): KnownKey => ({ default: () => value });

/** The one table of what a manifest may say. Keys that `Manifest` does not hold yet are known all the same. */
export const KNOWN_KEYS: KnownKeys = {
  version: key, // display only
  app: {
    keys: {
      id: key,
      name: key,
      version: key, // display only
      description: key,
      visibility: { default: (manifest) => manifest.app.visibility },
    },
  },
  agent: { keys: { name: key } },
  build: {
    keys: {
      kind: { default: (manifest) => manifest.build.kind },
      context: always('.'),
      dockerfile: always('Dockerfile'),
      builder: key,
      main: key,
      assets: key,
      network: key,
    },
  },
  runtime: {
    keys: {
      type: { default: (manifest) => manifest.runtime.type },
      image: key,
      language: key,
      lifecycle: { default: (manifest) => manifest.runtime.lifecycle },
      idle_timeout_sec: { default: (manifest) => manifest.runtime.idleTimeoutSec },
      memory_mb: { default: (manifest) => manifest.runtime.memoryMb },
      vcpus: always(1),
      entry: { default: (manifest) => manifest.runtime.entry },
      fuel_per_request: { default: (manifest) => manifest.runtime.fuelPerRequest },
      isolation: { default: (manifest) => manifest.runtime.isolation },
      port: key,
      stateful: always(false),
      data_mb: always(1024),
    },
  },
  health: {
    keys: {
      path: { default: (manifest) => manifest.health.path },
      timeout_sec: { default: (manifest) => manifest.health.timeoutSec },
    },
  },
  env: { open: true },
  deploy: { keys: { supervisor: key, runtime: key, env: { open: true } } },
  capabilities: {
    keys: {
      subscribe_segments: key,
      emit_segments: key,
      http_allow_list: key,
      actions: key,
      subscribe_from: always('now'),
    },
  },
  secrets: { keys: { name: key, env_var: key, required: always(true), inject: always(true), hosts: key } },
  schedule: { keys: { name: key, cron: key, timezone: always('UTC'), path: key, segment: key } },
};
