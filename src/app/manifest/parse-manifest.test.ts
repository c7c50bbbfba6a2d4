import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseManifest } from './parse-manifest.ts';
import { isFilesAlone } from './read-assets.ts';

const file = 'tabbify.toml';
const NAMED = '[app]\nname = "hello"\n';

const read = (text: string, hasComponent = false) => parseManifest(text, { file, hasComponent });
const manifestOf = (text: string, hasComponent = false) => {
  const { manifest, diagnostics } = read(text, hasComponent);
  expect(diagnostics).toEqual([]);
  return manifest!;
};

test('a full manifest reads as it is written', () => {
  const manifest = manifestOf(`
[app]
id          = "0191E7C2-1111-7222-8333-444455556666"
name        = "booking-site"
description = "Hugo's barbershop booking"
visibility  = "public"
[build]
kind = "js"
main = "./src/main.ts"
assets = "public/"
builder = "ec2-prod"
[runtime]
type             = "wasm-http"
lifecycle        = "always_on"
idle_timeout_sec = 60
memory_mb        = 128
fuel_per_request = 2_000_000
isolation        = "request"
language         = "typescript"
vcpus            = 2
stateful         = true
data_mb          = 64
[health]
path = "/ready"
timeout_sec = 5
[env]
LOG_LEVEL = "info"
API_KEY = "secret:api_key"
[[deploy]]
supervisor = "thinkpad"
runtime    = "firecracker"
[deploy.env]
LOG_LEVEL = "debug"
[[deploy]]
supervisor = "ec2-prod"
[capabilities]
subscribe_segments = ["tenant_*.chat", "platform.llm"]
emit_segments = ["tenant_*.code"]
http_allow_list = ["api.stripe.com"]
actions = ["telegram:send", "http:request@shop"]
subscribe_from = 1200
[[schedule]]
name = "nightly"
cron = "30 3 * * *"
timezone = "Europe/Berlin"
path = "/jobs/nightly"
[[schedule]]
name = "tick"
cron = "@hourly"
segment = "tenant_*.code"
[[secrets]]
name = "anthropic_api_key"
env_var = "ANTHROPIC_API_KEY"
[[secrets]]
name = "card"
required = false
inject = false
hosts = ["api.stripe.com"]
`);
  expect(manifest).toEqual({
    app: {
      id: '0191e7c2-1111-7222-8333-444455556666',
      name: 'booking-site',
      description: "Hugo's barbershop booking",
      visibility: 'public',
    },
    build: {
      kind: 'js',
      main: 'src/main.ts',
      assets: 'public',
      context: '.',
      dockerfile: 'Dockerfile',
      builder: 'ec2-prod',
      network: [],
    },
    runtime: {
      type: 'wasm-http',
      typeDeclared: true,
      image: null,
      language: 'typescript',
      lifecycle: 'always_on',
      idleTimeoutSec: 60,
      memoryMb: 128,
      vcpus: 2,
      entry: 'app.wasm',
      fuelPerRequest: 2_000_000,
      isolation: 'request',
      port: null,
      stateful: true,
      dataMb: 64,
    },
    health: { path: '/ready', timeoutSec: 5 },
    env: { LOG_LEVEL: 'info', API_KEY: 'secret:api_key' },
    deploy: [
      { supervisor: 'thinkpad', runtime: 'firecracker', env: { LOG_LEVEL: 'debug' } },
      { supervisor: 'ec2-prod', runtime: null, env: {} },
    ],
    capabilities: {
      subscribeSegments: ['tenant_*.chat', 'platform.llm'],
      emitSegments: ['tenant_*.code'],
      httpAllowList: ['api.stripe.com'],
      actions: ['telegram:send', 'http:request@shop'],
      subscribeFrom: 1200,
    },
    secrets: [
      {
        name: 'anthropic_api_key',
        envVar: 'ANTHROPIC_API_KEY',
        required: true,
        inject: true,
        hosts: [],
      },
      { name: 'card', envVar: '', required: false, inject: false, hosts: ['api.stripe.com'] },
    ],
    schedule: [
      {
        name: 'nightly',
        cron: '30 3 * * *',
        timezone: 'Europe/Berlin',
        path: '/jobs/nightly',
        segment: null,
      },
      { name: 'tick', cron: '@hourly', timezone: 'UTC', path: null, segment: 'tenant_*.code' },
    ],
  });
});

test('everything that is left out has its default', () => {
  expect(manifestOf(NAMED)).toMatchObject({
    app: { id: null, description: '', visibility: 'private' },
    runtime: {
      lifecycle: 'on_request',
      idleTimeoutSec: 300,
      entry: 'app.wasm',
      fuelPerRequest: 1e9,
      isolation: 'pool',
    },
    health: { path: '/', timeoutSec: 30 },
    env: {},
    deploy: [],
    capabilities: { subscribeSegments: [], emitSegments: [], httpAllowList: [], actions: [] },
    secrets: [],
  });
});

describe('kind, runtime and memory follow from one another', () => {
  const MAIN = 'main = "src/main.ts"\n';
  test.each([
    ['nothing', '', false, 'docker', 'docker', 512],
    ['a component in the folder', '', true, 'wasm', 'wasm-http', 64],
    ['runtime wasm-http', '[runtime]\ntype = "wasm-http"\n', false, 'wasm', 'wasm-http', 64],
    ['kind wasm', '[build]\nkind = "wasm"\n', false, 'wasm', 'wasm-http', 64],
    [
      'kind wasm, runtime wasm-http',
      '[build]\nkind = "wasm"\n[runtime]\ntype = "wasm-http"\n',
      false,
      'wasm',
      'wasm-http',
      64,
    ],
    ['a module', `[build]\n${MAIN}`, false, 'js', 'worker', 256],
    ['a module beside a component', `[build]\n${MAIN}`, true, 'js', 'worker', 256],
    ['kind js', `[build]\nkind = "js"\n${MAIN}`, false, 'js', 'worker', 256],
    ['kind wasm with a module', `[build]\nkind = "wasm"\n${MAIN}`, false, 'js', 'wasm-http', 256],
    [
      'a module as wasm-http',
      `[build]\n${MAIN}[runtime]\ntype = "wasm-http"\n`,
      false,
      'js',
      'wasm-http',
      256,
    ],
    ['a module in a container', `[build]\n${MAIN}[runtime]\ntype = "docker"\n`, false, 'js', 'docker', 512],
    ['kind docker', '[build]\nkind = "docker"\n', true, 'docker', 'docker', 512],
    [
      'kind docker in a microVM',
      '[build]\nkind = "docker"\n[runtime]\ntype = "firecracker"\n',
      false,
      'docker',
      'firecracker',
      512,
    ],
  ])('%s', (_, text, hasComponent, kind, type, memoryMb) => {
    const { build, runtime } = manifestOf(NAMED + text, hasComponent);
    expect({ kind: build.kind, type: runtime.type, memoryMb: runtime.memoryMb }).toEqual({
      kind,
      type,
      memoryMb,
    });
    expect(runtime.typeDeclared).toBe(text.includes('type ='));
    expect(build.main).toBe(kind === 'js' ? 'src/main.ts' : null);
  });

  test('kind js without a module says what is missing, and static files alone need none', () => {
    expect(read(`${NAMED}[build]\nkind = "js"\n`).diagnostics).toMatchObject([
      { severity: 'error', line: 4, column: 1, hint: expect.stringContaining('build.main') },
    ]);
    const files = read(`${NAMED}[build]\nassets = "public"\n`);
    expect(files).toMatchObject({ diagnostics: [], manifest: { build: { kind: 'js', main: null } } });
    const beside = read(`${NAMED}[build]\nassets = "public"\nmain = "src/main.ts"\n`);
    expect([files, beside].map(({ manifest }) => manifest && isFilesAlone(manifest.build))).toEqual([
      true,
      false,
    ]);
    const image = manifestOf(`${NAMED}[build]\nassets = "public"\n[runtime]\ntype = "docker"\n`);
    expect([image.build.kind, isFilesAlone(image.build)]).toEqual(['docker', false]);
  });
});

test('[agent] name stands for [app].name, and both must agree', () => {
  expect(
    manifestOf('[agent]\nname = "my-agent"\n[runtime]\nimage = "a/b:c"\nlanguage = "rust"\n').app.name,
  ).toBe('my-agent');
  expect(manifestOf('[agent]\nname = "a"\n[app]\nname = "a"\n').app.name).toBe('a');
  expect(read('[agent]\nname = "a"\n[app]\nname = "b"\n')).toMatchObject({
    manifest: null,
    diagnostics: [{ severity: 'error', line: 2, column: 8, message: expect.stringContaining('"b"') }],
  });
});

const ENUMS = [
  ['app', 'visibility', ['private', 'public']],
  ['build', 'kind', ['docker', 'wasm', 'js']],
  ['runtime', 'type', ['wasm-http', 'worker', 'docker', 'firecracker']],
  ['runtime', 'lifecycle', ['on_request', 'always_on']],
  ['runtime', 'isolation', ['pool', 'request']],
] as const;

test.each(ENUMS)(
  'a value outside %s.%s is an error naming place and allowed values',
  (table, key, allowed) => {
    // of a component, so that everything in `[runtime]` has its effect
    const text = `[app]\nname = "x"\n${table === 'app' ? '' : `[${table}]\n`}  ${key} = "other"\n`;
    expect(read(text, true)).toEqual({
      manifest: null,
      diagnostics: [
        {
          severity: 'error',
          file,
          line: table === 'app' ? 3 : 4,
          column: key.length + 6,
          message: `\`${table}.${key}\` cannot be "other"`,
          hint: `allowed: ${allowed.map((value) => `\`${value}\``).join(', ')}`,
        },
      ],
    });
  },
);

test.each([
  ['no name', '[runtime]\n', 1, 1, /app\.name.*missing/],
  ['a worker without a module', `${NAMED}[runtime]\ntype = "worker"\n`, 4, 8, /"worker".*container image/],
  [
    'an image as a component',
    `${NAMED}[build]\nkind = "docker"\n[runtime]\ntype = "wasm-http"\n`,
    6,
    8,
    /"wasm-http".*container image/,
  ],
  [
    'a component as worker on one host',
    `${NAMED}[build]\nkind = "wasm"\n[[deploy]]\nsupervisor = "a"\nruntime = "worker"\n`,
    7,
    11,
    /`deploy\.runtime`.*"worker".*component/,
  ],
  ['a name that makes no slug', '[app]\nname = "—"\n', 2, 8, /cannot be an app's name/],
  ['a reserved name', '[app]\nname = "www"\n', 2, 8, /cannot be named `www`/],
  ['a name that is a number', '[app]\nname = 3\n', 2, 8, /app\.name.*text/],
  ['an id that is no UUID', '[app]\nname = "x"\nid = "1"\n', 3, 6, /no UUID/],
  ['memory as text', `${NAMED}[runtime]\nmemory_mb = "64"\n`, 4, 13, /whole number/],
  ['no memory', `${NAMED}[runtime]\nmemory_mb = 0\n`, 4, 13, /whole number from 1/],
  [
    'more memory than a module can have',
    `${NAMED}[runtime]\ntype = "wasm-http"\nmemory_mb = 5000\n`,
    5,
    13,
    /to 4096/,
  ],
  ['a time no timer can hold', `${NAMED}[runtime]\nidle_timeout_sec = 3000000\n`, 4, 20, /2147483/],
  ['fuel below one', `${NAMED}[runtime]\nfuel_per_request = 0.5\n`, 4, 20, /whole number/],
  ['an environment that is no text', `${NAMED}[env]\nPORT = 80\n`, 4, 8, /env\.PORT.*text/],
  ['an environment name with a hyphen', `${NAMED}[env]\nmy-port = "80"\n`, 4, 1, /environment variable/],
  [
    'a target without a supervisor',
    `${NAMED}[[deploy]]\nruntime = "docker"\n`,
    3,
    3,
    /deploy\.supervisor.*missing/,
  ],
  [
    'a target’s runtime',
    `${NAMED}[[deploy]]\nsupervisor = "a"\n[[deploy]]\nsupervisor = "b"\nruntime = "vm"\n`,
    7,
    11,
    /"vm"/,
  ],
  ['deploy as a table', `${NAMED}[deploy]\nsupervisor = "a"\n`, 3, 2, /list of tables/],
  ['env as a value', `env = 3\n${NAMED}`, 1, 7, /table/],
  [
    'capabilities that are no list',
    `${NAMED}[capabilities]\nhttp_allow_list = "a"\n`,
    4,
    19,
    /list of texts/,
  ],
  ['a secret without a variable', `${NAMED}[[secrets]]\nname = "a"\n`, 3, 3, /env_var.*missing/],
  [
    'a secret of the platform',
    `${NAMED}[[secrets]]\nname = "platform/model"\nenv_var = "A"\n`,
    4,
    8,
    /platform/,
  ],
  ['a reference to such a secret', `${NAMED}[env]\nA = "secret:platform/model"\n`, 4, 5, /platform/],
  ['a health path that is a URL', `${NAMED}[health]\npath = "http://x/"\n`, 4, 8, /health\.path/],
  ['broken TOML', '[app]\nname = "x\n', 2, 10, /not valid TOML/],
  ['a key twice', '[app]\nname = "a"\nname = "b"\n', 3, 1, /not valid TOML/],
  ['a prototype', '[app]\nname = "a"\n[env]\n__proto__ = "b"\n', 4, 1, /not valid TOML/],
])('%s is an error at its place', (_, text, line, column, message) => {
  const { manifest, diagnostics } = read(text);
  expect(manifest).toBeNull();
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors[0]).toMatchObject({ file, line, column, message: expect.stringMatching(message) });
});

test.each(['/etc/passwd', '../x.ts', 'a/../../x', 'C:\\x', 'a\\b', '', '.', 'a/..'])(
  'build.main and runtime.entry cannot be %j',
  (path) => {
    for (const table of ['[build]\nmain', '[runtime]\nentry']) {
      const { manifest, diagnostics } = read(`${NAMED}${table} = ${JSON.stringify(path)}\n`, true);
      expect(manifest).toBeNull();
      expect(diagnostics).toMatchObject([
        { severity: 'error', line: 4, message: expect.stringContaining('inside') },
      ]);
    }
  },
);

test('one reading names everything that is wrong, in the order of the text', () => {
  const { diagnostics } = read(
    '[runtime]\ntype = "x"\nlifcycle = 1\n[app]\nname = "x"\nvisibility = "all"\n',
  );
  expect(diagnostics.map(({ line, severity }) => [line, severity])).toEqual([
    [2, 'error'],
    [3, 'warning'],
    [6, 'error'],
  ]);
});

test('a manifest beyond every size is refused, not read', () => {
  expect(read(`${NAMED}#${'x'.repeat(40_000)}`).diagnostics).toMatchObject([
    { severity: 'error', message: expect.stringContaining('characters') },
  ]);
  expect(read(`${NAMED}x = ${'['.repeat(9000)}${']'.repeat(9000)}`).manifest).toBeNull();
});

test('windows line ends and a byte order mark change nothing', () => {
  const text = `${NAMED}[runtime]\ntype = "x"\n`;
  const expected = read(text);
  expect(read(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  expect(read(`\ufeff${text}`)).toEqual(expected);
});

test('no text whatever makes it throw, and every finding lies inside the text', () => {
  const line = fc.constantFrom(
    '[app]',
    'name = "x"',
    '[[deploy]]',
    '[deploy]',
    '[deploy.env]',
    'runtime = { type = "x", a.b = 1 }',
    '[env]',
    'a = [{ b = 1 }, # c',
    ' 2]',
    '[runtime',
    'type = """',
    '"',
    'app.name = "y"',
    'secrets = [1]',
    '[[secrets.x]]',
    '\u0000',
    '\t# é😀',
    'd = 2020-01-01',
    'build = []',
    '[build.kind]',
    "'odd key'.x = 1",
    '[app.name]',
    'id = 1e999',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(line).map((lines) => lines.join('\n')),
      ),
      (text) => {
        const { manifest, diagnostics } = read(text);
        const lines = text.split('\n');
        for (const { line: at, column } of diagnostics) {
          expect(at).toBeGreaterThanOrEqual(1);
          expect(at).toBeLessThanOrEqual(lines.length + 1);
          expect(column).toBeGreaterThanOrEqual(1);
        }
        expect(manifest === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      },
    ),
    { numRuns: 500 },
  );
});

test('a key with very many parts is refused, and nobody looks for the place of each', () => {
  const begin = performance.now();
  const { manifest, diagnostics } = parseManifest(`${'a.'.repeat(15_000)}a = 1\n`, { file: 'tabbify.toml' });
  expect(manifest).toBeNull();
  expect(diagnostics).toMatchObject([
    { severity: 'error', message: expect.stringContaining('more than 32 parts') },
  ]);
  expect(performance.now() - begin).toBeLessThan(2_000);
  expect(
    parseManifest(`[app]\nname = "x"\n[${'a.'.repeat(30)}a]\n`, { file: 'tabbify.toml' }).manifest,
  ).not.toBeNull();
});
