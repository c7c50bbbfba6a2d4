import { always, type KeySpec, type KeySpecs, type ValueSpec } from '../key-spec.ts';

const TEXT: ValueSpec = { type: 'text' };
/** Read by nothing any more. */
const unused = (value: ValueSpec = TEXT): KeySpec => ({ doc: 'Has no effect', value });

/** What the older `manifest.toml` says; its values are those of `tabbify.toml`. */
export const LEGACY_FORMAT: KeySpecs = {
  app: {
    doc: 'Who the app is',
    value: {
      type: 'table',
      keys: {
        id: { doc: 'UUID of the app', value: TEXT },
        name: { doc: 'Name of the app', value: TEXT, required: true },
        version: { doc: 'For display only', value: TEXT },
        kind: { doc: '`headless`, which all apps are', value: TEXT, default: always('headless') },
        description: { doc: 'What the app is for', value: TEXT, default: always('') },
      },
    },
  },
  lifecycle: {
    doc: 'When it runs',
    value: {
      type: 'table',
      keys: {
        mode: { doc: '`on_request` or `always_on`', value: TEXT, required: true },
        idle_timeout_sec: { doc: 'As `runtime.idle_timeout_sec`', value: TEXT, default: always(300) },
      },
    },
  },
  runtime: {
    doc: 'How it is run',
    value: {
      type: 'table',
      keys: {
        type: { doc: 'As `runtime.type`', value: TEXT, default: always('wasm-http') },
        entry: { doc: 'As `runtime.entry`', value: TEXT, default: always('app.wasm') },
        fuel_per_request: { doc: 'As there', value: TEXT, default: always(1_000_000_000) },
        memory_mb: { doc: 'As there', value: TEXT, default: always(64) },
        vcpus: { doc: 'As there', value: TEXT, default: always(1) },
        port: { doc: 'As there', value: TEXT },
        registry_ref: { doc: 'As `runtime.image`', value: TEXT },
        stateful: { doc: 'As there', value: TEXT, default: always(false) },
        kernel: unused(),
        data_mount: unused(),
      },
    },
  },
  routes: { doc: 'Nothing any more', value: { type: 'table', keys: { dynamic_prefixes: unused() } } },
};

/** Where a key of `tabbify.toml` stands in the older format, where that is elsewhere. */
export const LEGACY_PLACES: readonly (readonly [
  now: readonly [string, string],
  before: readonly [string, string],
])[] = [
  [
    ['runtime', 'lifecycle'],
    ['lifecycle', 'mode'],
  ],
  [
    ['runtime', 'idle_timeout_sec'],
    ['lifecycle', 'idle_timeout_sec'],
  ],
  [
    ['runtime', 'image'],
    ['runtime', 'registry_ref'],
  ],
];

/** Keys that are known and do nothing. */
export const LEGACY_UNUSED: readonly (readonly [string, string])[] = [
  ['runtime', 'kernel'],
  ['runtime', 'data_mount'],
  ['routes', 'dynamic_prefixes'],
];
