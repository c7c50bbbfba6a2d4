import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteLog, type SqliteLog } from '../../../log/index.ts';
import { runCli } from '../../testing/run-cli.ts';
import { type TemporaryFolder, temporaryFolder } from '../../testing/temporary-folder.ts';

let folder: TemporaryFolder;
const home = () => join(folder.path, 'home');
const file = () => join(home(), 'log.db');

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const doctor = (...args: string[]) => runCli('tabbify', ['doctor', ...args], { cwd: folder.path });

const event = (text: string, dataref?: string) => ({
  id: crypto.randomUUID(),
  source: '/test',
  type: 'thing_happened',
  subject: 'thing/1',
  time: '2026-01-02T03:04:05.678Z',
  dataschema: 'tabbify:thing_happened/1',
  data: { text },
  segment: 'tenant_default.things',
  tenant: 'default',
  actor: 'system',
  ...(dataref === undefined ? {} : { dataref }),
});

/** A log of ten events, the tenth of which names a blob. */
async function openLog(): Promise<SqliteLog> {
  const log = await openSqliteLog({ file: file() });
  for (let number = 1; number < 10; number++) await log.append(event(`this is number ${number}`));
  const { digest } = await log.putBlob('default', Buffer.from('a large thing'), 'text/plain');
  await log.append(event('this is number 10', digest));
  return log;
}

const closedLog = async () => (await openLog()).close();

/** Changes a text where the disk holds it. */
async function damage(text: string): Promise<void> {
  const bytes = await readFile(file());
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file(), bytes);
}

test('a log that holds what was written is said to, the office closed or open', async () => {
  const log = await openLog();
  const open = await doctor('--verify');
  expect([open.code, open.stdout]).toEqual([0, expect.stringContaining('10 of 10 are as they were written')]);
  await log.append(event('the office goes on'));
  await log.close();
  const closed = await doctor('--verify', '--json');
  expect([closed.code, closed.json()]).toEqual([
    0,
    {
      ok: true,
      file: file(),
      head: 11,
      events: 11,
      damaged: [],
      damaged_count: 0,
      structure: [],
      chain: 'ok',
      blobs: { checked: 1, damaged: [], missing: [] },
    },
  ]);
});

test('what is damaged is named with its position, and comes back from a copy that was made while the office was open', async () => {
  const log = await openLog();
  const copied = await doctor('--copy', 'night');
  expect(copied.code, copied.stderr).toBe(0);
  expect(copied.stdout).toContain('10 events and 1 blobs');
  const before = JSON.stringify(await log.read({}));
  await log.close();
  await damage('this is number 7');

  const seen = await doctor('--verify');
  expect(seen.code).toBe(1);
  expect(seen.stdout).toMatch(/problem +Event +7:.*tabbify doctor --repair/);

  const asked = await doctor('--repair', 'night');
  expect(asked.code).toBe(2);
  expect(asked.stdout).toMatch(/problem +Event +7:/);
  expect(asked.stderr).toContain('--yes');
  expect((await doctor('--verify')).code).toBe(1);

  const repaired = await doctor('--repair', 'night', '--yes');
  expect(repaired.code, repaired.stderr).toBe(0);
  expect(repaired.stdout).toContain('1 event and 0 blobs from the copy');
  expect((await readdir(home())).some((name) => name.startsWith('log.db.damaged-'))).toBe(true);
  const again = await openSqliteLog({ file: file() });
  expect(JSON.stringify(await again.read({}))).toBe(before);
  await again.close();
});

test('nothing is repaired in an open office, which is named', async () => {
  const log = await openLog();
  const { code, stderr } = await doctor('--repair', '--yes');
  await log.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`process ${process.pid} has it open`);
  expect(stderr).toContain('tabbify down');
});

test('without a copy what is lost is named, and lost only when that is accepted', async () => {
  await closedLog();
  await damage('this is number 3');
  const refused = await doctor('--repair', '--yes');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/1 event would be lost: 3/);
  const accepted = await doctor('--repair', '--yes', '--accept-loss', '--json');
  expect(accepted.code, accepted.stderr).toBe(0);
  expect(accepted.json()).toMatchObject({
    ok: true,
    repaired: true,
    restored: [],
    lost: [3],
    blobs_lost: [],
  });
});

test('a log that is not there, a copy that is none, and two wishes at once are refused', async () => {
  const none = await doctor('--verify');
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining(`There is no log in ${home()}`)]);
  await closedLog();
  const noCopy = await doctor('--repair', 'nowhere');
  expect([noCopy.code, noCopy.stderr]).toEqual([1, expect.stringContaining('is no copy of a log')]);
  const taken = await doctor('--copy', 'home');
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('is not empty')]);
  const both = await doctor('--verify', '--rebuild');
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('one thing at a time')]);
});
