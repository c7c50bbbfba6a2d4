import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { isAlive, signalProcess } from '../../kit/index.ts';
import { removeAppData } from '../client/end-process.ts';
import { callApi } from '../testing/api-client.ts';
import { dataFolderForTest } from '../testing/data-folder.ts';
import type { AppData } from '../testing/open-app-data.ts';

const LONG_MS = 20_000;
const put = (data: AppData, key: string, value = key) =>
  data.client.call({ op: 'put', key, contentType: 'text/plain', condition: null }, Buffer.from(value));
const read = async (data: AppData, key: string) => (await data.client.call({ op: 'get', key })).reply.reply;
const sql = (data: AppData, text: string) =>
  data.client.call({ op: 'sql' }, Buffer.from(JSON.stringify({ sql: text })));

test('two runners share one process, also when both need it at once', async () => {
  await using folder = await dataFolderForTest();
  const [one, other] = [folder.open(), folder.open()];
  await Promise.all([put(one, 'a'), put(other, 'b'), put(one, 'c')]);
  expect([await read(other, 'a'), await read(one, 'b')]).toEqual(['value', 'value']);
  const inFolder = readdirSync('/proc').filter((pid) => commandOf(pid).includes(`--folder=${folder.folder}`));
  expect(inFolder).toEqual([String((await folder.record()).pid)]);
});

test('what was acknowledged is there after the process was killed, and the next call starts another', async () => {
  await using folder = await dataFolderForTest();
  const data = folder.open();
  await put(data, 'first');
  const acknowledged: string[] = ['first'];
  let killed = 0;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let n = 0; killed < 2; n++) {
      const key = `${writer}/${n}`;
      await put(data, key).then(
        () => acknowledged.push(key),
        () => {}, // it may have happened or not
      );
    }
  });
  for (; killed < 2; killed++) {
    const before = acknowledged.length;
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 50), LONG_MS);
    signalProcess(await folder.record(), 'SIGKILL');
  }
  await Promise.all(writers);
  const again = folder.open();
  for (const key of acknowledged) expect([key, await read(again, key)]).toEqual([key, 'value']);
}, 60_000);

test('a process that was told to end answers what it has taken, and nothing is done twice', async () => {
  await using folder = await dataFolderForTest();
  const data = folder.open();
  await sql(data, 'CREATE TABLE counted (n)');
  let told = false;
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      if (n === 20) {
        told = signalProcess(await folder.record(), 'SIGTERM');
      }
      return (await sql(data, `INSERT INTO counted VALUES (${n})`)).reply.reply;
    }),
  );
  expect(told).toBe(true);
  expect(new Set(answers)).toEqual(new Set(['sql']));
  const { body } = await sql(data, 'SELECT count(*), count(DISTINCT n) FROM counted');
  expect(JSON.parse(Buffer.from(body).toString()).rows).toEqual([[40, 40]]);
}, 60_000);

test('a statement is ended at its deadline; keys, waiting statements and the next ones are answered', async () => {
  await using folder = await dataFolderForTest({ queryMs: 1_500 });
  const data = folder.open();
  await using api = await callApi(data.platform);
  await api.sql('CREATE TABLE t (x)');
  const before = await folder.record();
  const endless = api.sql(
    'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c',
  );
  const waiting = api.sql("INSERT INTO t VALUES ('waited')");
  expect((await api.kv('PUT', '/meanwhile', { body: 'x' })).status).toBe(200);
  expect(await endless).toMatchObject({ status: 504, code: 'sql_timeout' });
  expect(await waiting).toMatchObject({ status: 200, changes: 1 });
  const late = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)
    INSERT INTO t SELECT i FROM c WHERE i < 0`;
  expect(await api.sql(late)).toMatchObject({ status: 504 });
  expect(await api.sql('SELECT x FROM t')).toMatchObject({ rows: [['waited']] });
  expect(await folder.record()).toEqual(before); // keys had no part in it
}, 60_000);

test('the process that runs SQL ends with the one that has it', async () => {
  await using folder = await dataFolderForTest();
  const data = folder.open();
  await sql(data, 'SELECT 1');
  const ofSql = () =>
    readdirSync('/proc').filter((pid) => commandOf(pid).includes(`--sql=${join(folder.folder, 'sql.db')}`));
  expect(ofSql()).toHaveLength(1);
  const endless = sql(
    data,
    'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c',
  );
  const ended = expect(endless).rejects.toMatchObject({ code: 'data_unavailable' });
  await put(data, 'after'); // the statement was on its way before
  signalProcess(await folder.record(), 'SIGKILL');
  await ended;
  await vi.waitFor(() => expect(ofSql()).toEqual([]), LONG_MS);
  expect((await sql(data, 'SELECT 1')).reply.reply).toBe('sql');
}, 60_000);

test('it ends when nobody asks for anything, and when its folder is gone', async () => {
  await using folder = await dataFolderForTest({ idleMs: 200 });
  const data = folder.open();
  await put(data, 'a');
  const idle = await folder.record();
  await vi.waitFor(() => expect(isAlive(idle)).toBe(false), LONG_MS);
  expect(await read(data, 'a')).toBe('value');

  await using gone = await dataFolderForTest();
  await put(gone.open(), 'a');
  const lost = await gone.record();
  await rm(gone.folder, { recursive: true });
  await vi.waitFor(() => expect(isAlive(lost)).toBe(false), LONG_MS);
}, 60_000);

test('a purge ends the process and removes the data, of that app alone', async () => {
  await using folder = await dataFolderForTest();
  const data = folder.open();
  await put(data, 'a');
  const record = await folder.record();
  const app = join(folder.folder, '..');
  const home = join(app, '..', '..');
  // The layout of a home: <home>/data/<app>/<environment>.
  expect(basename(folder.folder)).toBe('production');
  await removeAppData(home, 'another');
  expect(existsSync(folder.folder)).toBe(true);
  await removeAppData(home, basename(app));
  expect([isAlive(record), existsSync(app)]).toEqual([false, false]);
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
