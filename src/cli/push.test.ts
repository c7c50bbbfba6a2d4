import { createHash } from 'node:crypto';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { treeDigest } from '../artifacts/index.ts';
import { runCli } from './testing/run-cli.ts';
import {
  appRow,
  deploymentRow,
  eventStream,
  json,
  problem,
  type Route,
  readArchive,
  stubNode,
} from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const MANIFEST = '# my app\n[app]\nname = "hello" # shown\n\n[build]\nmain = "src/index.ts"\n';
const APP = { 'app/tabbify.toml': MANIFEST, 'app/src/index.ts': 'export default {};\n' };

const VERSION = {
  files: 2,
  bytes: 100,
  runtime: 'worker',
  visibility: 'private',
  published_at: '2026-01-01T00:00:00Z',
  published_by: 'user:owner',
};
const fileDigest = (text: string) => ({
  sha256: createHash('sha256').update(text).digest('hex'),
  size: Buffer.byteLength(text),
});

/** A node that publishes and deploys whatever it is sent. */
function officeRoutes(
  uploads: Record<string, string>[],
  steps: readonly unknown[] = [{ phase: 'switched' }],
  end: object = {},
) {
  const uuidIn = (url: URL) => url.pathname.split('/')[3] ?? '';
  return {
    'POST /v1/apps/:id/versions': async (request, response, url) => {
      uploads.push(await readArchive(request));
      const version = uploads.length;
      json(response, 201, {
        uuid: uuidIn(url),
        version,
        digest: 'd'.repeat(64),
        warnings: ['unknown key `ap.nam`'],
      });
    },
    'POST /v1/apps/:id/deploy': (_request, response) => json(response, 202, { deployment_id: 'dep-1' }),
    'GET /v1/deployments/:id/stream': (_request, response) => eventStream(response, steps),
    'GET /v1/deployments/:id': (_request, response) => json(response, 200, deploymentRow(end)),
    'GET /v1/apps/:id': (_request, response, url) => json(response, 200, appRow(uuidIn(url), 'hello')),
  } satisfies Record<string, Route>;
}

test('the first push mints an identity, uploads the stamped manifest, locks it; the second keeps it', async () => {
  await using folder = await temporaryFolder();
  await folder.write({
    ...APP,
    'app/node_modules/x/index.js': 'x',
    'app/.git/HEAD': 'x',
    'app/target/x': 'x',
    'app/src/target/y.ts': 'y',
    'app/secret.txt': 'x',
    'app/.tabbifyignore': 'secret.txt\n',
  });
  const uploads: Record<string, string>[] = [];
  await using node = await stubNode(officeRoutes(uploads));
  const first = await runCli('tcli', ['push', 'app', '--json'], { cwd: folder.path, env: node.env });
  expect(first.stderr).toBe('');
  expect(first.code).toBe(0);
  const { uuid } = first.json();
  expect(first.json()).toEqual({
    uuid,
    name: 'hello',
    version: 1,
    digest: 'd'.repeat(64),
    url: 'http://hello.localhost:8090/',
    path_url: `http://127.0.0.1:8090/app/${uuid}/`,
    visibility: 'private',
    unchanged: false,
    in_place: true,
    ...{ deployment_id: 'dep-1', phase: 'switched', approval: null, waits_for: null },
    results: [{ supervisor: 'local', runtime: 'wasm-http', success: true }],
    warnings: ['unknown key `ap.nam`'],
  });
  expect(Object.keys(uploads[0] ?? {})).toEqual([
    '.tabbifyignore',
    'src/index.ts',
    'src/target/y.ts',
    'tabbify.toml',
  ]);
  expect(uploads[0]?.['tabbify.toml']).toContain(`id = "${uuid}"`);
  expect(uploads[0]?.['tabbify.toml']).toContain('# shown');
  expect(await readFile(join(folder.path, 'app/tabbify.toml'), 'utf8')).toBe(MANIFEST);
  expect(await readFile(join(folder.path, 'app/tabbify.lock'), 'utf8')).toContain(`app_id = "${uuid}"`);
  const second = await runCli('tcli', ['push', 'app'], { cwd: folder.path, env: node.env });
  expect(second.stdout).toContain('version 2');
  expect(second.stdout).toContain('http://hello.localhost:8090/');
  expect(second.stdout).toContain('warning  unknown key `ap.nam`');
  expect(uploads[1]?.['tabbify.toml']).toContain(`id = "${uuid}"`);
});

test('a push says once where the app is not what it was meant to be, and why', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  const stands_in_for = { runtime: 'worker', why: 'bubblewrap is not installed' };
  const results = [{ supervisor: 'local', runtime: 'wasm-http', success: true, wall: null, stands_in_for }];
  await using node = await stubNode(officeRoutes([], undefined, { results }));
  const options = { cwd: folder.path, env: node.env };
  const told =
    'on local it runs as wasm-http in place of worker: bubblewrap is not installed; `tabbify doctor` says what helps';
  const { code, stdout } = await runCli('tcli', ['push', 'app'], options);
  expect([code, stdout.split(`warning  ${told}\n`).length]).toEqual([0, 2]);
  const { json: shown } = await runCli('tcli', ['push', 'app', '--json'], options);
  expect(shown()).toMatchObject({ results, warnings: ['unknown key `ap.nam`', told] });
});

test('a push says which secrets the app does not start without are not there, where one may see their names', async () => {
  const secret = (name: string, required: boolean) =>
    `\n[[secrets]]\nname = "${name}"\nenv_var = "${name.toUpperCase()}"\nrequired = ${required}\n`;
  const asked = ['there', 'gone'].map((name) => secret(name, true)).join('');
  await using folder = await temporaryFolder();
  await folder.write({ ...APP, 'app/tabbify.toml': `${MANIFEST}${asked}${secret('optional', false)}` });
  const row = { name: 'there', kind: 'api-key', version: 1, state: 'ok', updated_at: null, updated_by: null };
  const warningsWhere = async (secrets: Route): Promise<unknown> => {
    await using node = await stubNode({ ...officeRoutes([]), 'GET /v1/secrets': secrets });
    const { json: shown } = await runCli('tcli', ['push', 'app', '--json'], {
      cwd: folder.path,
      env: node.env,
    });
    return shown().warnings;
  };
  const gone =
    'the app does not start without the secret gone, which is not registered; put it in with `tabbify secrets register gone <kind>`';
  expect(await warningsWhere((_request, response) => json(response, 200, { secrets: [row] }))).toEqual([
    'unknown key `ap.nam`',
    gone,
  ]);
  const hidden: Route = (_request, response) => problem(response, 403, 'Forbidden', 'not for this token');
  expect(await warningsWhere(hidden)).toEqual(['unknown key `ap.nam`']);
});

test('a push of what is published already uploads nothing, and deploys it only where it is not in place', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  const uploads: Record<string, string>[] = [];
  const routes = officeRoutes(uploads);
  await using first = await stubNode(routes);
  const { json: pushed } = await runCli('tcli', ['push', 'app', '--json'], {
    cwd: folder.path,
    env: first.env,
  });
  const { uuid } = pushed();
  const files = Object.entries(uploads[0] ?? {}).map(([path, text]) => [path, fileDigest(text)] as const);
  const version = { ...VERSION, version: 4, digest: treeDigest(new Map(files)) };
  let current = 3;
  await using node = await stubNode({
    ...routes,
    'GET /v1/apps/:id/versions': (_request, response) => json(response, 200, { versions: [version] }),
    'GET /v1/apps/:id/deployments': (_request, response) =>
      json(response, 200, { deployments: [deploymentRow({ phase: 'switched' })], next_cursor: null }),
    'GET /v1/apps/:id': (_request, response) =>
      json(response, 200, { ...appRow(String(uuid), 'hello'), version: current, instances: [] }),
  });
  const options = { cwd: folder.path, env: node.env };
  const older = await runCli('tcli', ['push', 'app', '--json'], options);
  expect(older.json()).toMatchObject({ version: 4, unchanged: true, in_place: true, deployment_id: 'dep-1' });
  current = 4;
  const again = await runCli('tcli', ['push', 'app'], options);
  expect(again.stdout).toContain(
    'Nothing has changed since that version, which is in place: nothing was deployed.',
  );
  expect(again.stdout).toContain('http://hello.localhost:8090/');
  const { json: shown } = await runCli('tcli', ['push', 'app', '--json', '--no-deploy'], options);
  expect(shown()).toMatchObject({ uuid, version: 4, unchanged: true, deployment_id: null, results: [] });
  expect(uploads).toHaveLength(1);
  await folder.write({ 'app/src/index.ts': 'export default { other: 1 };\n' });
  await runCli('tcli', ['push', 'app', '--json'], options);
  expect(uploads).toHaveLength(2);
});

test('a folder with a manifest of the older format is pushed by it, and loses to a newer one', async () => {
  await using folder = await temporaryFolder();
  const legacy = '[app]\nname = "hello"\n[lifecycle]\nmode = "on_request"\n';
  await folder.write({ 'app/manifest.toml': legacy, 'app/app.wasm': 'x' });
  const uploads: Record<string, string>[] = [];
  await using node = await stubNode(officeRoutes(uploads));
  const options = { cwd: folder.path, env: node.env };
  const { code, json: shown } = await runCli('tcli', ['push', 'app', '--json'], options);
  expect(code).toBe(0);
  expect(Object.keys(uploads[0] ?? {})).toEqual(['app.wasm', 'manifest.toml']);
  expect(uploads[0]?.['manifest.toml']).toBe(legacy.replace('name', `id = "${shown().uuid}"\nname`));
  await folder.write({ 'app/tabbify.toml': '[app]\nname = "hello"\n' });
  expect((await runCli('tcli', ['push', 'app'], options)).code).toBe(0);
  expect(uploads[1]?.['tabbify.toml']).toContain('id = "');
  expect(uploads[1]?.['manifest.toml']).toBe(legacy);
});

test('a dry run shows the keys and changes nothing, the lock included, and needs no office', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  const { code, json: shown } = await runCli('tcli', ['push', 'app', '--dry-run', '--json'], {
    cwd: folder.path,
  });
  expect(code).toBe(0);
  const { uuid, keys } = shown();
  expect(keys).toMatchObject([
    { key: `apps/${uuid}/v<N>/src/index.ts` },
    { key: `apps/${uuid}/v<N>/tabbify.toml` },
  ]);
  expect(await readdir(join(folder.path, 'app'))).toEqual(['src', 'tabbify.toml']);
});

test('a refused version leaves no lock; its problem is shown in three parts', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  await using node = await stubNode({
    'POST /v1/apps/:id/versions': (request, response) => {
      request.resume();
      problem(response, 409, 'Name is taken', "Another app is named 'hello'", 'Choose another `app.name`');
    },
  });
  const { code, stdout, stderr } = await runCli('tcli', ['push', 'app'], { cwd: folder.path, env: node.env });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(
    "error  Name is taken\nwhy    Another app is named 'hello'\nto do  Choose another `app.name`\n",
  );
  expect(await readdir(join(folder.path, 'app'))).not.toContain('tabbify.lock');
});

test('a failed deployment says why with the last log lines, and keeps the identity', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  const end = {
    phase: 'failed',
    stage: 'starting',
    reason: 'not healthy within 30 s',
    log_tail: ['boom at src/index.ts:3'],
  };
  const steps = [{ phase: 'building', detail: 'bundle' }, { phase: 'failed' }];
  await using node = await stubNode(officeRoutes([], steps, end));
  const { code, stderr } = await runCli('tcli', ['push', 'app'], { cwd: folder.path, env: node.env });
  expect(code).toBe(1);
  expect(stderr).toContain('Building: bundle');
  expect(stderr).toContain('not healthy within 30 s\n       boom at src/index.ts:3');
  expect(await readdir(join(folder.path, 'app'))).toContain('tabbify.lock');
});

test('--no-deploy publishes only; a stream that breaks off is opened again', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  const routes = officeRoutes([]);
  let streams = 0;
  await using node = await stubNode({
    ...routes,
    'GET /v1/deployments/:id': (_request, response) =>
      json(response, 200, deploymentRow(streams === 1 ? { phase: 'building', finished_at: null } : {})),
    'GET /v1/deployments/:id/stream': (_request, response) =>
      eventStream(
        response,
        ++streams === 1 ? [{ phase: 'building' }] : [{ phase: 'building' }, { phase: 'switched' }],
      ),
  });
  const quiet = await runCli('tcli', ['push', 'app', '--no-deploy', '--json'], {
    cwd: folder.path,
    env: node.env,
  });
  expect(quiet.json()).toMatchObject({ deployment_id: null });
  expect(node.requests.some((each) => each.endsWith('/deploy'))).toBe(false);
  const { code } = await runCli('tcli', ['push', 'app'], { cwd: folder.path, env: node.env });
  expect([code, streams]).toEqual([0, 2]);
});

test('what cannot be pushed is named before anything is sent', async () => {
  await using folder = await temporaryFolder();
  await folder.write({
    ...APP,
    'broken/tabbify.toml': '[app]\nname = "x"\n[runtime]\nlifecycle = "sometimes"\n',
    'empty/x': '',
  });
  await symlink('/etc/passwd', join(folder.path, 'app', 'link'));
  await using node = await stubNode({});
  const push = async (...args: string[]) =>
    runCli('tcli', ['push', ...args], { cwd: folder.path, env: node.env });
  expect(await push('app')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('link cannot be uploaded'),
  });
  const broken = await push('broken');
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/tabbify\.toml:4:\d+: error/);
  expect(await push('empty')).toMatchObject({ code: 1, stderr: expect.stringContaining('tcli init empty') });
  expect(await push('app', '--bucket', 'b')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('S3'),
  });
  await folder.write({
    'app/tabbify.lock': 'app_id = "0191e7c2-1111-7222-8333-444455556666"\nlatest_version = 1\n',
    'app/tabbify.toml': `${MANIFEST.replace('[app]', '[app]\nid = "0191e7c2-0000-7000-8000-000000000001"')}`,
  });
  expect(await push('app')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The folder names two apps'),
  });
  expect(node.requests).toEqual([]);
});

test('a push that not every host took up says where the app is, why it is not elsewhere, and is exit code 1', async () => {
  await using folder = await temporaryFolder();
  await folder.write(APP);
  const results = [
    { supervisor: 'berlin', runtime: 'wasm-http', success: true },
    {
      supervisor: 'paris',
      runtime: 'wasm-http',
      success: false,
      error: 'it answered 500',
      log_tail: ['boom'],
    },
  ];
  await using node = await stubNode(officeRoutes([], undefined, { results }));
  const push = (...argv: string[]) =>
    runCli('tcli', ['push', 'app', ...argv], { cwd: folder.path, env: node.env });
  const told = await push();
  expect([told.code, told.stdout]).toEqual([1, expect.stringContaining('http://hello.localhost:8090/')]);
  expect(told.stderr).toContain('paris: it answered 500\n       boom\n');
  expect(told.stderr).toContain('tabbify deployments show dep-1');
  const forMachines = await push('--json');
  expect([forMachines.code, forMachines.json()]).toEqual([1, expect.objectContaining({ results })]);
  expect(JSON.parse(forMachines.stderr)).toMatchObject({ error: { code: 'deployment_failed' } });
});
