import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { json, problem, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const ID = '0191e7c2-5555-7222-8333-000000000001';
const LINK = `http://localhost:8090/login?code=${'A'.repeat(43)}`;
const ROW = {
  ...{ id: ID, browser: 'Firefox on Linux\u001b[2J', by: 'link', current: false },
  ...{
    started_at: '2026-01-01T00:00:00Z',
    used_at: '2026-01-02T00:00:00Z',
    expires_at: '2026-02-01T00:00:00Z',
  },
};

const sessionNode = (rows: readonly unknown[] = [ROW]) =>
  stubNode({
    'POST /v1/sessions': (_request, response) =>
      json(response, 201, { link: LINK, expires_at: '2026-01-01T00:05:00Z', expires_in_sec: 300 }),
    'GET /v1/sessions': (_request, response) => json(response, 200, { sessions: rows, next_cursor: null }),
    [`DELETE /v1/sessions/${ID}`]: (_request, response) => json(response, 200, { id: ID, state: 'ended' }),
    'DELETE /v1/sessions/other': (_request, response) =>
      problem(response, 404, 'Unknown session', 'There is no session other'),
  });

test('login gives the link alone to a pipe, and says on stderr what it is', async () => {
  await using folder = await temporaryFolder();
  await using node = await sessionNode();
  const options = { cwd: folder.path, env: node.env };
  const { stdout, stderr, code } = await runCli('tabbify', ['login'], options);
  expect([code, stdout]).toEqual([0, `${LINK}\n`]);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('works once, for 5 minutes');
  const asJson = await runCli('tabbify', ['login', '--json'], options);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ link: LINK, expires_in_sec: 300 });
  expect(asJson.stderr).toBe('');
});

test('sessions are listed without what a browser could do to a terminal, and ended by id', async () => {
  await using folder = await temporaryFolder();
  await using node = await sessionNode();
  const options = { cwd: folder.path, env: node.env };
  const list = await runCli('tabbify', ['sessions', 'list'], options);
  expect(list.stdout).toContain('Firefox on Linux');
  expect(list.stdout).toContain(ID);
  expect(list.stdout).not.toContain('\u001b[2J');
  const ended = await runCli('tabbify', ['sessions', 'end', ID], options);
  expect([ended.code, ended.stdout]).toEqual([0, `Signed out: session ${ID} has ended.\n`]);
  const unknown = await runCli('tabbify', ['sessions', 'end', 'other'], options);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no session other')]);
});

test('where nobody is signed in the next step is named', async () => {
  await using folder = await temporaryFolder();
  await using node = await sessionNode([]);
  const { stdout } = await runCli('tabbify', ['sessions', 'list'], { cwd: folder.path, env: node.env });
  expect(stdout).toContain('tabbify login');
});
