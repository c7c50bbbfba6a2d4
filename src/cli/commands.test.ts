import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, eventStream, json, type Route, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';
const ESCAPE = String.fromCharCode(27);

test.each([
  ['tcli', ['frob'], "unknown command 'frob'"],
  ['tcli', ['push', 'a', '--frob'], "unknown option '--frob'"],
  ['tcli', ['push', 'a', 'b'], 'too many arguments'],
  ['tabbify', ['chat'], "missing required argument 'outcome'"],
  ['tabbify', ['chat', ' '], 'it is empty'],
  ['tabbify', ['events', '--limit', 'ten'], 'whole number'],
] as const)('%s %o is wrong usage: exit code 2 and three parts', async (program, argv, why) => {
  const { code, stdout, stderr } = await runCli(program, argv, { cwd: '/nonexistent' });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error {2}.+\nwhy {4}.+\nto do {2}.+/);
  expect(stderr).toContain(why);
});

test('help and version go to stdout with exit code 0; no command at all shows the help with 2', async () => {
  const help = await runCli('tabbify', ['events', '--help'], { cwd: '/' });
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--follow') });
  expect(await runCli('tcli', ['--version'], { cwd: '/' })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\./),
  });
  expect(await runCli('tcli', [], { cwd: '/' })).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('push'),
  });
});

test('every command takes --json and --home and has a summary', async () => {
  for (const program of ['tcli', 'tabbify'] as const) {
    const { stdout } = await runCli(program, ['--help'], { cwd: '/' });
    const names = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const help = await runCli(program, [name, '--help'], { cwd: '/' });
      expect(help.stdout).toMatch(/--json[\s\S]*--help/);
      expect(help.stdout).toContain('--home <dir>');
    }
  }
});

test('without an office every command that needs one says how to start it', async () => {
  await using folder = await temporaryFolder();
  const node = await stubNode({});
  await node[Symbol.asyncDispose](); // nobody listens there now
  const env = { TABBIFY_NODE_URL: node.url };
  for (const argv of [['apps'], ['events'], ['logs', 'x'], ['status'], ['chat', 'a page', '--yes']]) {
    const { code, stderr } = await runCli('tabbify', argv, { cwd: folder.path, env });
    expect(code).toBe(1);
    expect(stderr).toContain('The office is not running');
    expect(stderr).toContain('`npm start`');
  }
  const { stderr } = await runCli('tabbify', ['apps', '--json'], { cwd: folder.path, env });
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: 'office_not_running', hint: expect.any(String) },
  });
});

test('the node and its key are found in the home, and a wrong key is said to be one', async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
  });
  const record = {
    pid: 1,
    node_url: node.url,
    gateway_url: '',
    supervisor_url: '',
    version: '1',
    started_at: 'now',
  };
  await folder.write({ 'there/office.json': JSON.stringify(record), 'there/node.key': 'wrong\n' });
  const refused = await runCli('tabbify', ['apps', '--home', 'there'], { cwd: folder.path });
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(join(folder.path, 'there/node.key')),
  });
  await folder.write({ 'there/node.key': `${node.key}\n` });
  const accepted = await runCli('tabbify', ['apps', '--home', 'there', '--json'], { cwd: folder.path });
  expect(accepted.json()).toEqual({ apps: [] });
});

const STORY: readonly { type: string; data: object }[] = [
  {
    type: 'app_registered',
    data: { app: UUID, name: 'hello', slug: 'hello', ula: 'fd5a:1f02:44a5:240b:121a::1' },
  },
  { type: 'version_published', data: { app: UUID, version: 1, name: 'hello', files: 2, bytes: 2048 } },
  { type: 'app_started', data: { app: UUID, version: 1, generation: 1, pid: 77, adopted: false } },
  { type: 'app_started', data: { app: UUID, version: 1, generation: 1, pid: 77, adopted: true } },
  { type: 'made_up_later', data: { text: `${ESCAPE}[2Jgone` } },
  { type: 'assignment_failed', data: { app: UUID, stage: 'start', reason: `${ESCAPE}[31m broken\nline` } },
];
const EVENTS = STORY.map(({ type, data }, index) => ({
  ...{
    id: String(index),
    specversion: '1.0',
    type,
    data,
    subject: `app/${UUID}`,
    segment: 'tenant_default.apps',
  },
  ...{ position: index + 1, time: '2026-11-21T12:00:00.000Z', actor: 'user:owner', source: '/node' },
}));

/** The log of the story as the API pages it. */
const readEvents: Route = (_request, response, url) => {
  const asked = url.searchParams;
  const limit = Math.min(Number(asked.get('limit')), 4);
  const type = asked.get('type');
  const newest = asked.get('order') === 'newest';
  const after = Number(asked.get('after') ?? 0);
  const before = Number(asked.get('before') ?? EVENTS.length + 1);
  const matching = EVENTS.filter(
    (event) => event.position > after && event.position < before && (type === null || event.type === type),
  );
  if (newest) matching.reverse();
  const events = matching.slice(0, limit);
  const next = matching.length > events.length ? (events.at(-1)?.position ?? null) : null;
  json(response, 200, { events, next, head: EVENTS.length, damaged: [] });
};

test('events tell a story, name the app, and cannot command the terminal', async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [appRow(UUID, 'hello')] }),
    'GET /v1/events': readEvents,
  });
  const options = { cwd: folder.path, env: node.env };
  const { stdout, code } = await runCli('tabbify', ['events'], options);
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.replace(/^\S+ \S+ +(\d+) +/, '$1 '))).toEqual([
    '1 owner               registered the app hello at fd5a:1f02:44a5:240b:121a::1',
    '2 owner               published version 1 of hello (2 files, 2.0 KB)',
    '3 owner               started version 1 of hello (process 77)',
    '4 owner               took over hello, which had gone on running (process 77)',
    '5 owner               made up later (hello)',
    '6 owner               hello could not be put in place at start: \\x1b[31m broken / line',
    '',
  ]);
  const last = await runCli('tabbify', ['events', '--limit', '2', '--json'], options);
  expect(
    last.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).position),
  ).toEqual([5, 6]);
  const filtered = await runCli('tabbify', ['events', '--type', 'app_started', '--json'], options);
  expect(
    filtered.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).position),
  ).toEqual([3, 4]);
});

test('events --follow goes on after the last one that was shown, until it is stopped', async () => {
  await using folder = await temporaryFolder();
  let resumedAfter: string | null = null;
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
    'GET /v1/events': readEvents,
    'GET /v1/events/stream': (_request, response, url) => {
      resumedAfter = url.searchParams.get('after');
      eventStream(response, [{ ...EVENTS[0], position: 7 }], false);
    },
  });
  const stop = new AbortController();
  const { code, stdout } = await runCli('tabbify', ['events', '--follow', '--limit', '1', '--json'], {
    cwd: folder.path,
    env: node.env,
    signal: stop.signal,
    onStdout: (text) => text.includes('"position":7') && stop.abort(),
  });
  expect(code).toBe(0);
  expect(resumedAfter).toBe('6');
  expect(stdout.trim().split('\n')).toHaveLength(2);
});

test('apps, status and logs are tables and text for people, JSON for machines', async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode({
    'GET /v1/log': (_request, response) => json(response, 200, { head: 6 }),
    'GET /health': (_request, response) => json(response, 200, { status: 'ok' }),
    'GET /v1/apps': (_request, response) =>
      json(response, 200, {
        apps: [appRow(UUID, 'hello'), appRow('0191e7c2-0000-7000-8000-000000000001', 'tiny', 'idle')],
      }),
    [`GET /v1/apps/${UUID}`]: (_request, response) => json(response, 200, appRow(UUID, 'hello')),
    'GET /v1/events': readEvents,
    'GET /v1/supervisors': (_request, response) =>
      json(response, 200, {
        supervisors: [
          {
            name: 'local',
            state: 'present',
            tags: ['wasm-http'],
            runtimes: [{ kind: 'wasm-http', isolation: 'wasm-bare', limits: { memory: 'enforced' } }],
            refused: [{ kind: 'worker', why: 'no user namespaces', hint: 'Allow them.' }],
          },
        ],
      }),
    'GET /v1/apps/:id/logs': (_request, response, url) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      if (url.searchParams.get('format') === 'jsonl') {
        response.end(`${JSON.stringify({ asked: Object.fromEntries(url.searchParams) })}\n`);
        return;
      }
      response.write(`tail=${url.searchParams.get('tail')}\nna`);
      response.end(`\u00efve${ESCAPE}[2J\nlast`);
    },
  });
  const options = { cwd: folder.path, env: node.env };
  const apps = await runCli('tabbify', ['apps'], options);
  expect(apps.stdout).toContain(
    `hello  running  1        wasm-http  local  http://hello.localhost:8090/  ${UUID}`,
  );
  expect(apps.stdout).not.toContain(ESCAPE);
  const coloured = await runCli('tabbify', ['apps'], { ...options, terminal: true });
  expect(coloured.stdout).toContain(ESCAPE);
  const plain = await runCli('tabbify', ['apps'], {
    ...options,
    terminal: true,
    env: { ...node.env, NO_COLOR: '1' },
  });
  expect(plain.stdout).toBe(apps.stdout);
  const status = await runCli('tabbify', ['status', '--json'], options);
  expect(status.json()).toMatchObject({ open: true, apps: 2, running: 1, position: 6 });
  const text = await runCli('tabbify', ['status'], options);
  expect(text.stdout).toMatch(/walls +wasm-http: isolation wasm-bare; memory enforced, on local/);
  expect(text.stdout).toMatch(/walls +worker: cannot run on local: no user namespaces/);
  const logs = await runCli('tabbify', ['logs', 'hello', '--lines', '5'], options);
  expect(logs.stdout).toBe(`tail=5\nna\u00efve${ESCAPE}[2J\nlast\n`);
  const filters = ['--tail', '7', '--since', '2026-11-21T14:00Z', '--origin', 'stderr', '--search', 'Bang'];
  const asked = await runCli('tabbify', ['logs', 'hello', '--json', ...filters], options);
  expect(asked.json()).toEqual({
    asked: { tail: '7', since: '2026-11-21T14:00:00.000Z', origin: 'stderr', q: 'Bang', format: 'jsonl' },
  });
  for (const wrong of [
    ['--origin', 'stdin'],
    ['--tail', '10001'],
    ['--since', 'once'],
    ['--follow', '--until', '2h'],
  ]) {
    expect((await runCli('tabbify', ['logs', 'hello', ...wrong], options)).code).toBe(2);
  }
  const shown = await runCli('tabbify', ['logs', UUID], { ...options, terminal: true });
  expect(shown.stdout).not.toContain(`${ESCAPE}[2J`);
  const unknown = await runCli('tabbify', ['logs', 'helo'], options);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('the office has: hello, tiny') });
});

test("an answer that is not a node's is said to be none", async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode({ 'GET /v1/apps': (_request, response) => void response.end('<html>') });
  const { code, stderr } = await runCli('tabbify', ['apps'], { cwd: folder.path, env: node.env });
  expect(code).toBe(1);
  expect(stderr).toContain('the answer is not JSON');
});

test('down ends nothing that is not the office', async () => {
  await using folder = await temporaryFolder();
  const none = await runCli('tabbify', ['down'], { cwd: folder.path });
  expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
  const record = {
    pid: process.pid,
    node_url: '',
    gateway_url: '',
    supervisor_url: '',
    version: '1',
    started_at: '',
  };
  await folder.write({ 'home/office.json': JSON.stringify(record) });
  const foreign = await runCli('tabbify', ['down'], { cwd: folder.path }); // this test process goes on
  expect(foreign).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`Process ${process.pid} is not closed`),
  });
});

test('init writes an app that validates, and never overwrites', async () => {
  await using folder = await temporaryFolder();
  const made = await runCli('tcli', ['init', 'my-app'], { cwd: folder.path });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(await readdir(join(folder.path, 'my-app'))).toEqual(
    expect.arrayContaining(['.tabbifyignore', 'src', 'tabbify.toml', 'tsconfig.json']),
  );
  expect(await readFile(join(folder.path, 'my-app/tabbify.toml'), 'utf8')).toMatch(
    /^#:schema http:\/\/127\.0\.0\.1:8090\/tabbify\.schema\.json\n/,
  );
  const valid = await runCli('tcli', ['validate', 'my-app', '--strict'], { cwd: folder.path });
  expect(valid).toMatchObject({ code: 0, stdout: expect.stringContaining('ok  my-app') });
  await writeFile(join(folder.path, 'my-app/src/index.ts'), 'mine');
  const again = await runCli('tcli', ['init', 'my-app'], { cwd: folder.path });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('would be overwritten') });
  expect(await readFile(join(folder.path, 'my-app/src/index.ts'), 'utf8')).toBe('mine');
  expect(await runCli('tcli', ['init', 'my-app/tabbify.toml/x'], { cwd: folder.path })).toMatchObject({
    code: 1,
  });
});

test('validate shows place and caret, and --strict makes warnings errors', async () => {
  await using folder = await temporaryFolder();
  await folder.write({
    'app/tabbify.toml':
      '[app]\nname = "x"\n[build]\nmain = "src/index.ts"\n[runtime]\nlifcycle = "always_on"\n',
    'app/src/index.ts': '',
    'gone/tabbify.toml': '[app]\nname = "x"\n[build]\nmain = "src/gone.ts"\n',
  });
  const lax = await runCli('tcli', ['validate', 'app'], { cwd: folder.path });
  expect(lax.code).toBe(0);
  expect(lax.stdout).toMatch(
    /tabbify\.toml:6:1: warning: .*did you mean `lifecycle`.*\n.*lifcycle = "always_on"\n.*\^/,
  );
  expect(await runCli('tcli', ['validate', 'app', '--strict'], { cwd: folder.path })).toMatchObject({
    code: 1,
  });
  const gone = await runCli('tcli', ['validate', 'gone', '--json'], { cwd: folder.path });
  expect(gone.code).toBe(1);
  expect(gone.json()).toMatchObject({ ok: false, diagnostics: [{ line: 4, column: 1, severity: 'error' }] });
});
