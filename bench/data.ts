import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownDataProgram } from '../src/data/index.ts';
import { openAppData } from '../src/data/testing/index.ts';
import { buildFsyncDelay } from '../test/faults/fsync-delay.ts';
import { atLeast, type Figure, median, round } from './figures.ts';
import { type Load, load } from './wrk.ts';

const ROUNDS = 3;
const SECONDS = 3;
/** An honest disk; the one under the benchmark may only say that it flushed. */
const FSYNC_MS = 4;
const WRITERS = 64;
const READERS = 16;
const ROWS = 10_000;

const PUT = `
local n = 0
request = function()
  n = n + 1
  return wrk.format("PUT", "/v1/kv/bench%2F" .. (n % 5000), nil, "a value of some forty bytes, as many are")
end`;
const SELECT = `
request = function()
  local body = '{"sql":"SELECT * FROM item WHERE id = ?","params":[' .. math.random(${ROWS}) .. ']}'
  return wrk.format("POST", "/v1/sql", nil, body)
end`;

/** The app API of a data process whose fsyncs take 4 ms longer: keys written by 64 at once, rows read by key by 16. */
export async function benchData(): Promise<Figure[]> {
  await using fsync = await buildFsyncDelay();
  const root = await mkdtemp(join(tmpdir(), 'tabbify-bench-data-'));
  const program = { ...ownDataProgram(), env: fsync.env(FSYNC_MS) };
  const data = openAppData({ folder: join(root, 'data'), program });
  const server = createServer(data.platform);
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await ask(url, 'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL)');
    const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${ROWS})`;
    await ask(url, `${numbers} INSERT INTO item SELECT i, 'item ' || i, i / 10.0 FROM n`);
    const script = async (name: string, lua: string) => {
      const path = join(root, name);
      await writeFile(path, lua);
      return path;
    };
    const puts = await rounds(url, WRITERS, await script('put.lua', PUT));
    const selects = await rounds(url, READERS, await script('select.lua', SELECT));
    return [
      atLeast(
        'kv put, durable',
        puts.rate,
        '1/s',
        2000,
        `${WRITERS} writers, fsync + ${FSYNC_MS} ms, p99 ${round(puts.p99)} ms`,
      ),
      atLeast(
        'sql select by key',
        selects.rate,
        '1/s',
        5000,
        `${READERS} readers, p99 ${round(selects.p99)} ms`,
      ),
    ];
  } finally {
    server.close();
    await data.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function rounds(url: string, connections: number, script: string) {
  const loads: Load[] = [];
  await load(url, { connections, seconds: 1, script }); // warm
  for (let n = 0; n < ROUNDS; n++) loads.push(await load(url, { connections, seconds: SECONDS, script }));
  const errors = loads.reduce((sum, each) => sum + each.errors, 0);
  if (errors > 0) throw new Error(`${errors} requests were not answered 2xx`);
  return {
    rate: median(loads.map((each) => each.requestsPerSec)),
    p99: median(loads.map((each) => each.p99)),
  };
}

async function ask(url: string, sql: string): Promise<void> {
  const response = await fetch(`${url}/v1/sql`, { method: 'POST', body: JSON.stringify({ sql }) });
  if (!response.ok) throw new Error(`${sql}: ${await response.text()}`);
}
