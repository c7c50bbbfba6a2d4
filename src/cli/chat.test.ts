import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageAfterOneRepair, startModelServer } from '../../test/fixtures/model-server/index.ts';
import { runCli } from './testing/run-cli.ts';
import {
  appRow,
  deploymentRow,
  eventStream,
  json,
  type Route,
  readArchive,
  stubNode,
} from './testing/stub-node.ts';
import { type TemporaryFolder, temporaryFolder } from './testing/temporary-folder.ts';

/** These run the real builder, which takes seconds on a busy machine. */
const BUILD_TIMEOUT_MS = 180_000;

/** One home for all: what one test has built, the next finds. */
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

function officeRoutes(uploads: Record<string, string>[], frontDoor = 200) {
  const idIn = (url: URL) => url.pathname.split('/')[3] ?? '';
  const origin = (request: Parameters<Route>[0]) => `http://${request.headers.host}`;
  return {
    'GET /v1/apps': (_request, response) =>
      json(response, 200, { apps: [appRow('1', 'bakery')], next_cursor: null }),
    'POST /v1/apps/:id/versions': async (request, response, url) => {
      uploads.push(await readArchive(request));
      json(response, 201, { uuid: idIn(url), version: 1, digest: 'd', warnings: [] });
    },
    'POST /v1/apps/:id/deploy': (_request, response) => json(response, 202, { deployment_id: 'dep-1' }),
    'GET /v1/deployments/:id/stream': (_request, response) => eventStream(response, [{ phase: 'switched' }]),
    'GET /v1/deployments/:id': (_request, response) => json(response, 200, deploymentRow()),
    'GET /v1/apps/:id': (request, response, url) =>
      json(response, 200, {
        ...appRow(idIn(url), 'bakery-2'),
        path_url: `${origin(request)}/app/${idIn(url)}/`,
      }),
    'GET /app/:id/': (_request, response) => void response.writeHead(frontDoor).end('oops'),
  } satisfies Record<string, Route>;
}

test(
  'off a terminal and without --yes nothing is pushed: exit code 2 and how to go on',
  async () => {
    await using node = await stubNode(officeRoutes([]));
    const options = { cwd: folder.path, env: node.env };
    const { code, stdout, stderr } = await runCli('tabbify', ['chat', 'a page for my bakery'], options);
    expect(code).toBe(2);
    expect(stdout).toContain('No model is set up, so this is a starter: a page named bakery-2');
    expect(stdout).toContain('ANTHROPIC_API_KEY');
    expect(stdout).toMatch(/src\/index\.ts +\d/);
    expect(stdout).toContain('asks to  be public: anyone who reaches this machine can call it');
    expect(stderr).toContain('a person has to say yes');
    expect(stderr).toContain('tcli push');
    expect(node.requests).toEqual(['GET /v1/apps']);
  },
  BUILD_TIMEOUT_MS,
);

test(
  'a scripted model writes, the real check sends its error back, and the repaired app is pushed',
  async () => {
    const uploads: Record<string, string>[] = [];
    await using node = await stubNode(officeRoutes(uploads));
    const model = await startModelServer({ script: pageAfterOneRepair });
    const env = { ...node.env, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.key };
    try {
      const {
        code,
        stderr,
        json: shown,
      } = await runCli('tabbify', ['chat', 'a page for my bakery', '--yes', '--json'], {
        cwd: folder.path,
        env,
      });
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(model.complaints).toEqual([]);
      expect(model.conversations.at(-2)?.rounds[1]?.[0]?.text).toMatch(/src\/index\.ts:3:\d+/);
      const { uuid } = shown();
      expect(shown()).toMatchObject({
        name: 'bakery-2',
        version: 1,
        http_status: 200,
        path_url: `${node.url}/app/${uuid}/`,
      });
      expect(uploads[0]?.['tabbify.toml']).toContain('name = "bakery-2"');
      expect(uploads[0]?.['src/index.ts']).toContain('Not found');
      expect(node.requests.at(-1)).toBe(`GET /app/${uuid}/`);
      expect(await readdir(join(folder.path, 'home/workspaces/default'))).toContain('bakery-2-1');
    } finally {
      await model.close();
    }
  },
  BUILD_TIMEOUT_MS,
);

test(
  'an app that is deployed but does not answer is a failure that names its log',
  async () => {
    await using node = await stubNode(officeRoutes([], 502));
    const { code, stderr } = await runCli('tabbify', ['chat', 'a page for my bakery', '--yes'], {
      cwd: folder.path,
      env: node.env,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('its front door answers 502');
    expect(stderr).toContain('tabbify logs');
  },
  BUILD_TIMEOUT_MS,
);
