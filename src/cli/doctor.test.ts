import { chmod, mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { name: string; ok: boolean; detail: string; hint?: string }[];
}

/** Ports that are free for sure, so that only what a test plants is found. */
const FREE = {
  TABBIFY_NODE_BIND: '127.0.0.1:0',
  TABBIFY_GATEWAY_BIND: '127.0.0.1:0',
  TABBIFY_SUPERVISOR_BIND: '127.0.0.1:0',
};

const HOSTS = [
  {
    name: 'local',
    state: 'present',
    tags: ['wasm-http'],
    runtimes: [
      {
        kind: 'wasm-http',
        isolation: 'wasm-bare',
        limits: { memory: 'enforced', cpu: 'unsupported' },
      },
      {
        kind: 'worker',
        isolation: 'process',
        limits: { memory: 'best_effort', cpu: 'best_effort' },
        lack: { why: 'no control group is delegated to this user', hint: 'Delegate one.' },
      },
    ],
  },
  {
    ...{ name: 'far', state: 'present', tags: ['wasm-http'], runtimes: [] },
    refused: [{ kind: 'worker', why: 'bubblewrap is not installed', hint: 'Install it there.' }],
  },
  { name: 'old', state: 'present', tags: ['wasm-http'] },
];

test('an office without a host is told, since no app can run', async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode({
    'GET /health': (_request, response) => json(response, 200, { status: 'ok' }),
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
    'GET /v1/log': (_request, response) => json(response, 200, { head: 1 }),
    'GET /v1/supervisors': (_request, response) =>
      json(response, 200, { supervisors: [{ name: 'far', state: 'away', tags: [] }] }),
  });
  const { code, json: shown } = await runCli('tabbify', ['doctor', '--json'], {
    cwd: folder.path,
    env: { ...node.env, ...FREE },
  });
  expect(code).toBe(1);
  const { findings } = shown() as unknown as Report;
  expect(findings.filter(({ ok }) => !ok)).toEqual([
    {
      ok: false,
      name: 'Walls',
      detail: expect.stringContaining('no host'),
      hint: expect.stringContaining('tabbify up'),
    },
  ]);
});

test('a healthy machine has no problem', async () => {
  await using folder = await temporaryFolder();
  await using node = await stubNode({
    'GET /health': (_request, response) => json(response, 200, { status: 'ok' }),
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
    'GET /v1/log': (_request, response) => json(response, 200, { head: 1 }),
    'GET /v1/supervisors': (_request, response) => json(response, 200, { supervisors: HOSTS }),
  });
  const { code, stdout } = await runCli('tabbify', ['doctor'], {
    cwd: folder.path,
    env: { ...node.env, ...FREE },
  });
  expect(stdout).not.toContain('problem');
  expect(code).toBe(0);
  for (const name of [
    'Node',
    'Home',
    'Disk',
    'Ports',
    'Office',
    'Log',
    'Builder',
    'Runner',
    'Walls',
    'Model',
  ])
    expect(stdout).toMatch(new RegExp(`ok +${name} `));
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'wasm-http: isolation wasm-bare; memory enforced; cpu unsupported, on local',
  );
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'note Walls worker: not all is enforced on local: no control group is delegated to this user. What helps: Delegate one.',
  );
  expect(stdout).toContain('old is of a version that does not say');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'note Walls worker: cannot run on far: bubblewrap is not installed. What helps: Install it there.',
  );
});

test('an open home, a taken port, a silent office and contradicting variables are named with what to do', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'home'));
  await chmod(join(folder.path, 'home'), 0o755);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gone = await stubNode({});
  await gone[Symbol.asyncDispose]();
  const env = {
    ...FREE,
    TABBIFY_GATEWAY_BIND: address,
    TABBIFY_MODEL: 'openai/x',
    TABBIFY_NODE_URL: gone.url,
  };
  const { code, json: shown } = await runCli('tabbify', ['doctor', '--json'], { cwd: folder.path, env });
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(1);
  const report = shown() as unknown as Report;
  const problems = report.findings.filter((finding) => !finding.ok);
  expect(problems.map(({ name, hint }) => [name, hint])).toEqual([
    ['Home', `chmod 700 ${join(folder.path, 'home')}`],
    ['Ports', expect.stringContaining('--gateway-bind 127.0.0.1:0')],
    ['Office', expect.stringContaining('npm start')],
    ['Model', expect.stringContaining('OPENAI_API_KEY')],
  ]);
  expect(problems[1]?.detail).toContain(address);
});

test('how to repair is refused without --repair', async () => {
  await using folder = await temporaryFolder();
  for (const flag of ['--yes', '--accept-loss']) {
    const { code, stderr } = await runCli('tabbify', ['doctor', flag], { cwd: folder.path, env: FREE });
    expect(code).toBe(2);
    expect(stderr).toContain(`${flag} says how to repair`);
    expect(stderr).toContain('--repair <copy>');
  }
});
