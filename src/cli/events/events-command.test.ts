import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteLog } from '../../log/index.ts';
import { runCli } from '../testing/run-cli.ts';
import { json, stubNode } from '../testing/stub-node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { storyOf } from './story.ts';

const UUID = '0191e7c2-1111-7222-8333-444455556666';
const event = (position: number) => ({
  ...{ id: String(position), specversion: '1.0', type: 'app_crashed', data: { app: UUID, code: 1 } },
  ...{ subject: `app/${UUID}`, segment: 'platform.hosts.local', position },
  ...{ time: '2026-11-21T12:00:00.000Z', actor: 'supervisor:local' },
});

test('every filter reaches the office, pages are read on, and what was left out is said on stderr', async () => {
  const asked: Record<string, string>[] = [];
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
    'GET /v1/events': (_request, response, url) => {
      asked.push(Object.fromEntries(url.searchParams));
      const first = asked.length === 1;
      const events = first ? [event(9)] : [event(5), event(4)];
      json(response, 200, {
        events,
        next: first ? 6 : null,
        head: 12,
        damaged: first ? [7] : [],
        searched_to: 11,
      });
    },
  });
  const flags = [
    ...[
      '--segment',
      'platform.*.local',
      '--type',
      'app_crashed',
      '--subject',
      `app/${UUID}`,
      '--actor',
      'supervisor:local',
    ],
    ...[
      '--since',
      '2026-11-20T00:00:00Z',
      '--until',
      '2026-11-22T00:00:00Z',
      '--before',
      '10',
      '--search',
      'out of "memory"',
    ],
    ...['--limit', '3'],
  ];
  const { code, stdout, stderr } = await runCli('tabbify', ['events', ...flags, '--json'], {
    cwd: '/',
    env: node.env,
  });
  expect(code).toBe(0);
  const query = {
    ...{
      segment: 'platform.*.local',
      type: 'app_crashed',
      subject: `app/${UUID}`,
      actor: 'supervisor:local',
    },
    ...{
      since: '2026-11-20T00:00:00.000Z',
      until: '2026-11-22T00:00:00.000Z',
      q: 'out of "memory"',
      order: 'newest',
    },
  };
  expect(asked).toEqual([
    { ...query, before: '10', limit: '3' },
    { ...query, before: '6', limit: '2' },
  ]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).position);
  expect(lines).toEqual([4, 5, 9]); // as it happened
  const notes = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).note);
  expect(notes).toEqual([
    'Left out, damaged on disk: 7; see `tabbify doctor`.',
    'The search is behind: events after 11 were not searched yet.',
  ]);
});

test.each([
  [['--at', '3', '--type', 'x'], '--at and --type'],
  [['--newest-first', '--oldest-first'], 'opposites'],
  [['--follow', '--search', 'x'], '--follow and --search'],
  [['--follow', '--until', '2h'], '--follow and --until'],
  [['--at', '-1'], 'whole number'],
  [['--since', 'soon'], 'no moment'],
])('events %j is wrong usage', async (argv, text) => {
  const { code, stderr } = await runCli('tabbify', ['events', ...argv], { cwd: '/' });
  expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
});

test('the office as it was is a table for people and the document for machines', async () => {
  const place = {
    ...{ supervisor: 'local', version: 2, runtime: 'worker' },
    ...{ stopped: false, purged: false, outcome: 'running' },
  };
  const app = {
    uuid: UUID,
    name: 'Tiny',
    slug: 'tiny',
    latest_version: 3,
    open_deployments: [],
  };
  const document = {
    ...{ position: 120, offices: [], credentials: [], deployments: [] },
    supervisors: [{ name: 'local', tags: ['wasm-http', 'worker'] }],
    apps: [
      {
        ...app,
        placements: [
          { assignment: place, instance: { state: 'running' } },
          { assignment: { ...place, supervisor: 'cloud', outcome: 'failed' }, instance: null },
          { assignment: { ...place, supervisor: 'left', purged: true }, instance: null },
        ],
      },
      { ...app, slug: 'new', latest_version: 1, placements: [] },
      {
        ...app,
        slug: 'old',
        placements: [{ assignment: { ...place, stopped: true }, instance: null }],
      },
    ],
  };
  await using node = await stubNode({
    'GET /v1/state': (_request, response, url) => {
      expect(url.search).toBe('?at=120');
      json(response, 200, document);
    },
  });
  const options = { cwd: '/', env: node.env };
  const people = await runCli('tabbify', ['events', '--at', '120'], options);
  expect(people.stdout.replaceAll(/ +/g, ' ').split('\n')).toEqual([
    'The office after event 120',
    '',
    'HOST CAN RUN',
    'local wasm-http, worker',
    '',
    'APP STATE VERSION HOST RUNTIME ID',
    `tiny running 2 of 3 local worker ${UUID}`,
    `tiny failed 2 of 3 cloud worker ${UUID}`,
    `new not deployed 1 published – – ${UUID}`,
    `old stopped 2 of 3 local worker ${UUID}`,
    '',
  ]);
  const machine = await runCli('tabbify', ['events', '--at', '120', '--json'], options);
  expect(machine.json()).toEqual(document);
});

test('new types have stories', () => {
  const told = (type: string, data: object) => storyOf(type, 'app/x', { ...data }, () => 'Tiny');
  expect(
    told('delivery_failed', {
      app: UUID,
      event_position: 4,
      event_type: 'paid',
      attempts: 1,
      reason: 'no',
      retry_at: null,
    }),
  ).toBe('Tiny did not take event 4 (paid): no; given up after 1 try');
  expect(told('payload_erased', { subject: 'note/1', reason: 'asked', events: 2, bytes: 10, keys: 1 })).toBe(
    'erased 2 bodies because a person asked for it (10 B, 1 key destroyed) of note/1',
  );
  expect(
    told('request_refused', {
      method: 'POST',
      route: '/v1/tokens',
      status: 403,
      code: 'not_allowed',
      suppressed: 3,
    }),
  ).toBe('was refused: POST /v1/tokens (403 not_allowed), and 3 more since the last time this was told');
  expect(told('payload_erased', { subject: 'note/1', reason: 'asked', events: 0, bytes: 0, keys: 0 })).toBe(
    'was asked to erase what came from outside about note/1: there was nothing',
  );
  expect(told('projections_rebuilt', { names: ['timeline'] })).toBe('had timeline built anew from the log');
});

test('doctor --rebuild asks an open office and tells how far it is', async () => {
  let asked = 0;
  const standing = (state: string, position: number) => ({
    names: ['timeline'],
    state,
    position,
    head: 9,
    why: null,
  });
  await using node = await stubNode({
    'GET /health': (_request, response) => json(response, 200, { status: 'ok' }),
    'POST /v1/projections/rebuild': (_request, response) => json(response, 202, standing('building', 0)),
    'GET /v1/projections': (_request, response) =>
      json(response, 200, ++asked < 2 ? standing('building', 4) : standing('following', 9)),
  });
  const { code, stderr } = await runCli('tabbify', ['doctor', '--rebuild'], { cwd: '/', env: node.env });
  expect([code, stderr.split('\n')]).toEqual([
    0,
    [
      'Building anew from the log',
      'Building anew from the log: 0 of 9 events',
      'Building anew from the log: 4 of 9 events',
      'Built anew from 9 events: timeline',
      '',
    ],
  ]);
});

test('doctor --rebuild removes what is made from the log of a closed office, and nothing while it is open', async () => {
  await using folder = await temporaryFolder();
  const home = join(folder.path, 'home');
  const log = await openSqliteLog({ file: join(home, 'log.db') });
  await mkdir(join(home, 'snapshots'));
  await writeFile(join(home, 'snapshots', '7.snapshot'), 'x');
  for (const name of ['projections.db', 'projections.db-wal', 'node.key'])
    await writeFile(join(home, name), 'x');
  const options = { cwd: folder.path, env: { TABBIFY_NODE_URL: 'http://127.0.0.1:9' } };
  const open = await runCli('tabbify', ['doctor', '--rebuild'], options);
  expect([open.code, open.stderr]).toEqual([
    1,
    expect.stringContaining(`process ${process.pid} has it open`),
  ]);
  expect(await readdir(home)).toEqual(expect.arrayContaining(['projections.db', 'snapshots']));
  await log.close();
  const closed = await runCli('tabbify', ['doctor', '--rebuild', '--json'], options);
  expect(closed.json()).toMatchObject({ removed: ['projections.db', 'projections.db-wal', 'snapshots'] });
  const left = await readdir(home);
  expect(left).toEqual(expect.arrayContaining(['log.db', 'node.key']));
  expect(left).not.toContain('snapshots');
  const again = await runCli('tabbify', ['doctor', '--rebuild'], options);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to remove')]);
});

test.each([
  [['--actor', 'owner'], '--actor user:owner'],
  [['--subject', 'hello'], '--subject app/<uuid>'],
  [['--search', 'hello'], 'sealed'],
])('events %j, which match nothing, are told why that may be', async (argv, text) => {
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [] }),
    'GET /v1/events': (_request, response) =>
      json(response, 200, { events: [], next: null, head: 1, damaged: [], searched_to: 1 }),
  });
  const { code, stdout, stderr } = await runCli('tabbify', ['events', ...argv], { cwd: '/', env: node.env });
  expect([code, stdout]).toEqual([0, 'Nothing has happened that matches.\n']);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(text);
});
