import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId, silentLogger, TabbifyError } from '../kit/index.ts';
import { openSqliteLog } from '../log/index.ts';
import { readOfficeConfig } from './config.ts';
import { homePaths } from './home.ts';
import { withVersionNeeded } from './last-version.ts';
import { up } from './up.ts';
import { TABBIFY_VERSION } from './version.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-office-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const ANY = '127.0.0.1:0';
const open = () =>
  up(
    readOfficeConfig(
      { TABBIFY_LOG_LEVEL: 'silent' },
      { home, nodeBind: ANY, gatewayBind: ANY, supervisorBind: ANY },
    ),
  );

/** What a later version would have written: a known type in a schema of its own. */
async function writtenByLater(): Promise<void> {
  const log = await openSqliteLog({ file: homePaths(home).log, logger: silentLogger() });
  await log.append({
    id: newId(),
    source: '/node',
    type: 'app_stopped',
    subject: 'app/0191e7c2-1111-7222-8333-444455556666',
    segment: 'platform.hosts.local',
    actor: 'supervisor:local',
    tenant: 'default',
    time: new Date().toISOString(),
    dataschema: 'tabbify:app_stopped/99',
    data: {},
  });
  await log.close();
}

test('an office that finds events of a later version says which one is needed, and leaves the home as it is', async () => {
  const office = await open();
  await office.close();
  const { version, log } = homePaths(home);
  expect(await readFile(version, 'utf8')).toBe(`${TABBIFY_VERSION}\n`);
  await writtenByLater();
  await expect(open()).rejects.toMatchObject({
    code: 'event_too_new',
    hint: 'Start the office with the newer version that wrote it',
  });
  await writeFile(version, '99.2.1\n');
  for (let again = 0; again < 2; again++) {
    await expect(open()).rejects.toMatchObject({
      code: 'event_too_new',
      why: expect.stringMatching(/app_stopped in schema 99, this version of Tabbify knows schemas up to \d/),
      hint: expect.stringMatching(/^Start Tabbify 99\.2\.1, .*go on running/),
    });
  }
  const free = await openSqliteLog({ file: log, logger: silentLogger() }); // it was let go of
  await free.close();
});

test.each([
  ['1.2.3', '1.2.3', false],
  ['1.2.4', '1.2.3', true],
  ['1.10.0', '1.9.9', true],
  ['1.9.9', '1.10.0', false],
  ['2.0.0-beta.1', '1.9.9', true],
  ['', '1.0.0', false],
  ['rubbish', '1.0.0', false],
])('%s is needed where %s fails: %s', async (last, own, isNeeded) => {
  const error = new TabbifyError(
    'event_too_new',
    { status: 500, title: 'Too new' },
    { what: 'It is too new' },
  );
  const file = join(home, 'noted');
  await writeFile(file, last);
  expect((await withVersionNeeded(error, file, own)) !== error).toBe(isNeeded);
});
