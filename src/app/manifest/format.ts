import { always, follows, type KeySpec, type KeySpecs, keysOf, type ValueSpec } from './key-spec.ts';
import { BUILD_KINDS, ISOLATIONS, LIFECYCLES, RUNTIME_KINDS, VISIBILITIES } from './values.ts';

/** A timer of JavaScript holds 2^31 - 1 milliseconds; a longer one fires at once. */
const MAX_TIMER_SEC = 2_147_483;
/** MiB; a bound that no machine meets. */
const MAX_MEMORY_MB = 1 << 20;

const TEXT: ValueSpec = { type: 'text' };
const DISPLAY: KeySpec = { doc: 'For display only; versions are counted by the office', value: TEXT };
const SECONDS: ValueSpec = { type: 'integer', min: 1, max: MAX_TIMER_SEC };

const APP: KeySpecs = {
  id: { doc: 'UUID of the app; written by `tcli push`, not by hand', value: TEXT },
  name: {
    doc: 'Name of the app; its address is made of it',
    value: { type: 'text', example: 'booking-site' },
    required: true,
  },
  version: DISPLAY,
  description: { doc: 'What the app is for', value: TEXT, default: always('') },
  visibility: {
    doc: 'Who may call it: `private` those with a credential or a session of the office, `public` everyone who reaches the machine',
    value: { type: 'one_of', values: VISIBILITIES },
    default: always('private'),
  },
};

const BUILD: KeySpecs = {
  kind: {
    doc: 'What is built: `js` bundles `build.main`, `wasm` takes a component that lies in the folder, `docker` an image from a Dockerfile',
    value: { type: 'one_of', values: BUILD_KINDS },
    default: follows(
      '`js` with `build.main` or `build.assets`; `wasm` with `runtime.type = "wasm-http"` or an `app.wasm`; else `docker`',
      (manifest) => manifest.build.kind,
    ),
  },
  main: {
    doc: 'TypeScript or JavaScript module that answers requests: a path in the folder',
    value: { type: 'text', example: 'src/index.ts' },
  },
  assets: {
    doc: 'Folder of static files that the office serves by itself; without `build.main` they are the whole app, and nothing is started',
    value: { type: 'text', example: 'public' },
  },
  context: { doc: 'Folder that a docker build sees', value: TEXT, default: always('.') },
  dockerfile: { doc: 'Path of the Dockerfile in the folder', value: TEXT, default: always('Dockerfile') },
  builder: {
    doc: 'Name of the supervisor that builds the image',
    value: { type: 'text', example: 'ec2-prod' },
  },
  network: {
    doc: 'Hosts that a docker build may reach, as in `capabilities.http_allow_list`; part of the approval',
    value: { type: 'texts', example: '["deb.example.org"]' },
    default: follows('none', () => 'none'),
  },
};

const RUNTIME: KeySpecs = {
  type: {
    doc: 'How it is run; each deploy target may choose its own',
    value: { type: 'one_of', values: RUNTIME_KINDS },
    default: follows(
      'follows the build: js → `worker`, wasm → `wasm-http`, docker → `docker`',
      (manifest) => manifest.runtime.type,
    ),
  },
  image: {
    doc: 'Service form: a prebuilt image that is pulled instead of built',
    value: { type: 'text', example: 'tabbify/my-agent:latest' },
  },
  language: {
    doc: 'Service form: what it is written in; for display only',
    value: { type: 'text', example: 'rust' },
  },
  lifecycle: {
    doc: '`on_request` starts it at a request and stops it when it rests, `always_on` keeps it running',
    value: { type: 'one_of', values: LIFECYCLES },
    default: always('on_request'),
  },
  idle_timeout_sec: {
    doc: 'Seconds without a request after which an `on_request` app is stopped',
    value: SECONDS,
    default: always(300),
  },
  memory_mb: {
    doc: 'MiB that it may have; of a component, the linear memory of each instance (at most 4096)',
    value: { type: 'integer', min: 1, max: MAX_MEMORY_MB },
    default: follows(
      'docker and firecracker 512, a module 256, a component 64',
      (manifest) => manifest.runtime.memoryMb,
    ),
  },
  vcpus: {
    doc: 'Processors that it may use',
    value: { type: 'integer', min: 1, max: 256 },
    default: always(1),
  },
  entry: {
    doc: 'Component file of a `wasm` build',
    value: TEXT,
    default: follows('"app.wasm"', (manifest) => manifest.runtime.entry),
  },
  fuel_per_request: {
    doc: 'Bound of `wasm-http`: WebAssembly instructions, more or less, that one request may use',
    value: { type: 'integer', min: 1, max: Number.MAX_SAFE_INTEGER },
    default: always(1_000_000_000),
  },
  isolation: {
    doc: 'Of `wasm-http`: in a `pool` an instance answers many requests, one at a time; with `request` each request sees a clean one',
    value: { type: 'one_of', values: ISOLATIONS },
    default: always('pool'),
  },
  port: {
    doc: 'Port on which it listens inside its container or guest',
    value: { type: 'integer', min: 1, max: 65_535 },
    default: follows('the `EXPOSE` of the image, else 8080', () => 8080),
  },
  stateful: {
    doc: 'It keeps data that outlives its versions: keys, SQL, and for a component of `wasi:filesystem` the folder `/data`',
    value: { type: 'boolean' },
    default: always(false),
  },
  data_mb: {
    doc: 'MiB that its data may take',
    value: { type: 'integer', min: 1, max: MAX_MEMORY_MB },
    default: always(1024),
  },
};

const HEALTH: KeySpecs = {
  path: {
    doc: 'Path that is asked before a new version takes over; without it any answer of `/` will do, with it a 2xx or 3xx is needed',
    value: { type: 'text', example: '/health' },
    default: always('/'),
  },
  timeout_sec: { doc: 'Seconds within which it must answer', value: SECONDS, default: always(30) },
};

const DEPLOY: KeySpecs = {
  supervisor: {
    doc: 'Name of the supervisor on which it runs',
    value: { type: 'text', example: 'thinkpad' },
    required: true,
  },
  runtime: {
    doc: 'Instead of `runtime.type`, on this supervisor',
    value: { type: 'one_of', values: RUNTIME_KINDS },
  },
  env: {
    doc: 'Variables of this supervisor alone; they win over `[env]`, key by key',
    value: { type: 'variables' },
  },
};

const CAPABILITIES: KeySpecs = {
  subscribe_segments: {
    doc: 'Segments of the log whose events it gets; `*` stands for any characters within one token',
    value: { type: 'texts', example: '["tenant_*.chat"]' },
  },
  emit_segments: {
    doc: 'Segments on which it may say events, each written out; `tenant_*` stands for its own office',
    value: { type: 'texts', example: '["tenant_*.code"]' },
  },
  http_allow_list: {
    doc: 'Hosts that it may call: `api.stripe.com`, `*.example.com` (below it, not itself), with an optional scheme and `:port`, an address with a port, or `app:<name>` for another app of the office. Empty: no call leaves it',
    value: { type: 'texts', example: '["api.stripe.com"]' },
  },
  actions: {
    doc: 'What the platform does for it: `<service>:<action>`, or `<service>:<action>@<integration>`',
    value: { type: 'texts', example: '["telegram:send"]' },
  },
  subscribe_from: {
    doc: 'Where its subscriptions begin at its first start: `now`, `beginning` or a position of the log',
    value: { type: 'start' },
    default: always('now'),
  },
};

const SECRETS: KeySpecs = {
  name: {
    doc: 'Name under which it was registered',
    value: { type: 'text', example: 'stripe_key' },
    required: true,
  },
  env_var: {
    doc: 'Variable in which the app finds it; required unless `inject = false`',
    value: { type: 'text', example: 'STRIPE_KEY' },
  },
  required: {
    doc: 'Without it the app is not started',
    value: { type: 'boolean' },
    default: always(true),
  },
  inject: {
    doc: '`false`: the app never gets it; only the action `http:request` uses it, for `hosts`',
    value: { type: 'boolean' },
    default: always(true),
  },
  hosts: {
    doc: 'With `inject = false`: hosts to which the platform may send it',
    value: { type: 'texts', example: '["api.stripe.com"]' },
  },
};

const SCHEDULE: KeySpecs = {
  name: {
    doc: 'Name of the schedule, one of its own in the app',
    value: { type: 'text', example: 'nightly' },
    required: true,
  },
  cron: {
    doc: 'When: minute, hour, day, month, weekday',
    value: { type: 'text', example: '0 9 * * 1-5' },
    required: true,
  },
  timezone: { doc: 'Time zone of `cron` (IANA)', value: TEXT, default: always('UTC') },
  path: {
    doc: 'Path of the app that is called with `POST`; either this or `segment`',
    value: { type: 'text', example: '/jobs/nightly' },
  },
  segment: {
    doc: 'Segment on which an event is said; it must be in `emit_segments`',
    value: { type: 'text', example: 'tenant_*.jobs' },
  },
};

/** The one table of what a manifest may say (CONTRACTS §4): reading, warnings, the reference and the schema for editors follow it. */
export const FORMAT: KeySpecs = {
  version: DISPLAY,
  app: { doc: 'Who the app is', value: { type: 'table', keys: APP } },
  agent: {
    doc: 'Service form: stands for `[app]`',
    value: { type: 'table', keys: { name: { doc: 'The same as `app.name`', value: TEXT } } },
  },
  build: { doc: 'How it is made', value: { type: 'table', keys: BUILD } },
  runtime: { doc: 'How it is run', value: { type: 'table', keys: RUNTIME } },
  health: { doc: 'When it is well', value: { type: 'table', keys: HEALTH } },
  env: {
    doc: 'Its environment: texts; `secret:NAME` stands for the secret of that name',
    value: { type: 'variables' },
  },
  deploy: {
    doc: 'Where it runs: one table for each supervisor. Without one, the best supervisor that can run it',
    value: { type: 'tables', keys: DEPLOY },
  },
  capabilities: {
    doc: 'What it may reach; a person approves it. What is not listed is denied',
    value: { type: 'table', keys: CAPABILITIES },
  },
  secrets: {
    doc: 'Secrets that it needs, by name; their values are never in the manifest',
    value: { type: 'tables', keys: SECRETS },
  },
  schedule: { doc: 'When it is called by the clock', value: { type: 'tables', keys: SCHEDULE } },
};

/** What stands under a key that a format knows, by its path; array indices are passed over. */
export function valueSpecOf(path: readonly (string | number)[], format: KeySpecs = FORMAT): ValueSpec | null {
  let keys: KeySpecs | null = format;
  let value: ValueSpec | null = null;
  for (const part of path) {
    if (typeof part === 'number') continue;
    value = keys !== null && Object.hasOwn(keys, part) ? (keys[part]?.value ?? null) : null;
    keys = value === null ? null : keysOf(value);
  }
  return value;
}
