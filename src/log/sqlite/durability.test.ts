import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { runChild } from '../../kit/index.ts';
import { draft, range, readAll } from '../conformance/harness.ts';
import { openSqliteLog } from '../index.ts';
import { type AppendingChild, startAppending } from '../testing/child.ts';
import { temporaryDirectory } from '../testing/media.ts';
import { until } from '../testing/until.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let child: AppendingChild | undefined;
const file = () => join(directory.path, 'log.db');

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(async () => {
  await child?.kill();
  child = undefined;
  await directory.dispose();
});

/** Pairs of id and position that the child was given an answer for. */
function acknowledged(lines: readonly string[]): [string, number][] {
  return lines.flatMap((line) => {
    const match = /^([0-9a-f-]{36}) (\d+)$/.exec(line);
    return match ? [[String(match[1]), Number(match[2])] as [string, number]] : [];
  });
}

test('after kill -9 amid appends every acknowledged event is there, at its position, without a gap', async () => {
  for (const round of range(1, 3)) {
    child = startAppending(file());
    const running = child;
    await until(() => running.lines.length > 400 * round);
    await running.kill();
    const log = await openSqliteLog({ file: file() });
    const stored = await readAll(log);
    await log.close();
    expect(stored.map((event) => event.position)).toEqual(range(1, stored.length));
    const told = acknowledged(running.lines);
    expect(told.length).toBeGreaterThanOrEqual(400);
    for (const [id, position] of told) expect(stored[position - 1]?.id).toBe(id);
  }
});

test('a log that another process has open is refused, naming the process; its death frees it', async () => {
  child = startAppending(file());
  await child.printed('open');
  const error = await openSqliteLog({ file: file() }).catch((e) => e);
  expect(error).toMatchObject({ code: 'log_in_use', status: 409 });
  expect(error.message).toContain(`process ${child.pid} has it open`);
  expect(error.hint).toContain('tabbify down');
  await child.kill();
  const log = await openSqliteLog({ file: file() });
  expect(await log.head()).toBeGreaterThanOrEqual(0);
  await log.close();
});

test('a log opened twice in one process is refused as well, and the first goes on', async () => {
  const first = await openSqliteLog({ file: file() });
  const error = await openSqliteLog({ file: file() }).catch((e) => e);
  expect(error).toMatchObject({ code: 'log_in_use' });
  expect(error.message).toContain(`process ${process.pid} has it open`);
  const again = await openSqliteLog({ file: file() }).catch((e) => e);
  expect(again).toMatchObject({ code: 'log_in_use' });
  expect((await first.append(draft())).position).toBe(1);
  await first.close();
  const second = await openSqliteLog({ file: file() });
  expect(await second.head()).toBe(1);
  await second.close();
});

test('with no room left appends are refused, reading goes on, and room makes writing go on', async (context) => {
  // A file size limit meets SQLite where a full disk does: the write fails.
  context.skip(skipWithout('prlimit', existsSync('/usr/bin/prlimit')));
  child = startAppending(file(), ['--once'], ['/usr/bin/prlimit', '--fsize=1000000:unlimited', '--']);
  expect(await child.printed('refused')).toContain('log_unavailable');
  const told = acknowledged(child.lines).length;
  expect(await child.printed('read')).toBe(`read ${Math.min(told, 1000)} of ${told}`);
  const raised = await runChild(
    '/usr/bin/prlimit',
    ['--pid', String(child.pid), '--fsize=unlimited:unlimited'],
    {
      env: {},
      timeoutMs: 10_000,
    },
  );
  expect(raised.code).toBe(0);
  child.say('go on\n');
  expect(await child.printed('recovered')).toBe(`recovered ${told + 1}`);
  await child.exited();
});

test('the files of the log are for their owner only', async () => {
  const log = await openSqliteLog({ file: join(directory.path, 'home', 'log.db') });
  await log.append(draft());
  for (const name of ['log.db', 'log.db-wal', 'log.db-shm', 'log.db.lock']) {
    expect([name, (await stat(join(directory.path, 'home', name))).mode & 0o777]).toEqual([name, 0o600]);
  }
  expect((await stat(join(directory.path, 'home'))).mode & 0o777).toBe(0o700);
  await log.close();
});
