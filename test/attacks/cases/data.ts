import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endAllData } from '../../../src/data/index.ts';
import type { AttackedRunner } from '../inside/runner.ts';
import type { Drama, Scene } from '../scene.ts';

const DATA_MB = 16;
/** Milliseconds for all statements of an attack; one has 5 s, and they wait for each other. */
const DEADLINE_MS = 60_000;

/** What an app may never do with its database, in statements that try. `<file>`: a database of another app; `<new>`: a file that is not there. */
const REFUSED: readonly string[] = [
  "ATTACH '<file>' AS other",
  "ATTACH '<new>' AS other",
  "ATTACH ':memory:' AS other",
  'DETACH main',
  "VACUUM INTO '<new>'",
  'VACUUM',
  'PRAGMA writable_schema = 1',
  "PRAGMA temp_store_directory = '/tmp'",
  'PRAGMA journal_mode = DELETE',
  'PRAGMA max_page_count = 1000000000',
  'PRAGMA hard_heap_limit = 0',
  'PRAGMA mmap_size = 1000000000',
  'PRAGMA database_list',
  "SELECT load_extension('<file>')",
  "SELECT readfile('<file>')",
  "SELECT writefile('<new>', 'x')",
  "CREATE VIRTUAL TABLE t USING csv(filename='<file>')",
  'CREATE VIRTUAL TABLE t USING dbstat',
  'CREATE TEMP TABLE t (a)',
  "UPDATE sqlite_schema SET sql = 'x'",
  'BEGIN IMMEDIATE',
  'SAVEPOINT a',
  "SELECT 1; ATTACH '<new>' AS other",
];

/** What would keep a database, its disk or its memory for itself. */
const GREEDY: readonly string[] = [
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n ORDER BY i DESC',
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO heap SELECT randomblob(100000) FROM n',
  'SELECT zeroblob(2000000000)',
  "SELECT replace(hex(zeroblob(1000000)), '00', hex(zeroblob(1000000)))",
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT hex(randomblob(1000)) FROM n',
  "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' LIKE '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b'",
];

/** Asks the app's own API as its code would. */
const ASK = `async (statements) => {
  const ask = async (sql) => {
    const answer = await fetch('http://tabbify.internal/v1/sql', { method: 'POST', body: JSON.stringify({ sql, params: [] }) });
    return [answer.status, (await answer.text()).slice(0, 300)];
  };
  return Promise.all(statements.map(ask));
}`;

/** Apps that turn against the database they were given. */
export const dataDramas: readonly Drama[] = [
  { name: 'asks its database for what is not its own', play: askForOthers },
  { name: 'wants all there is of a database', play: takeAll },
];

async function askForOthers({ runners, world }: Scene): Promise<string[]> {
  await using _ended = endData(world.home);
  await using owner = await runners.start('attacker.mjs', { dataMb: DATA_MB });
  const secret = `secret-${randomUUID()}`;
  await sql(owner, ['CREATE TABLE mine (a)', `INSERT INTO mine VALUES ('${secret}')`]);
  const file = await databaseIn(world.home);
  await using app = await runners.start('attacker.mjs', { dataMb: DATA_MB });
  const fresh = join(world.home, `new-${randomUUID()}`);
  const before = await readFile(file);
  const statements = REFUSED.map((each) => each.replaceAll('<file>', file).replaceAll('<new>', fresh));
  const answers = await sql(app, statements);
  const problems = answers.flatMap(([status, text], index) => {
    if (text.includes(secret)) return [`"${REFUSED[index]}" read the data of another app`];
    return status === 400 || status === 403 ? [] : [`"${REFUSED[index]}" was answered ${status}: ${text}`];
  });
  if (answers.length !== statements.length) problems.push(`${answers.length} answers`);
  if ((await stat(fresh).catch(() => null)) !== null) problems.push('it wrote a file');
  if (!(await readFile(file)).equals(before)) problems.push("it changed another app's database");
  // It is as it was, and its own is whole as well.
  if (!JSON.stringify(await sql(owner, ['SELECT a FROM mine'])).includes(secret))
    problems.push('the data of another app is gone');
  const [[status] = [0]] = await sql(app, ['PRAGMA integrity_check']);
  if (status !== 200) problems.push(`its own database answers ${status} afterwards`);
  return problems;
}

async function takeAll({ runners, world, whileVisited }: Scene): Promise<string[]> {
  await using _ended = endData(world.home);
  await using neighbour = await runners.start('attacker.mjs', { dataMb: DATA_MB });
  await sql(neighbour, ['CREATE TABLE mine (a)', "INSERT INTO mine VALUES ('here')"]);
  await using app = await runners.start('attacker.mjs', { dataMb: DATA_MB });
  await sql(app, ['CREATE TABLE heap (a)']);
  let isOver = false;
  let visits = 0;
  const problems: string[] = [];
  const failed = (who: string) => (error: Error) => void problems.push(`${who}: ${error.message}`);
  const visitors = (async () => {
    while (!isOver) {
      await app.visit().catch(failed('it does not answer / any more'));
      const [[status, text] = [0, '']] = await sql(neighbour, ['SELECT a FROM mine']);
      if (status !== 200 || !text.includes('here'))
        problems.push(`its neighbour's database answers ${status}: ${text}`);
      visits += 1;
    }
  })();
  const slow = await whileVisited(async () => {
    const answers = await sql(app, GREEDY);
    for (const [index, [status, text]] of answers.entries())
      if (status === 200 && !GREEDY[index]?.includes('LIKE'))
        problems.push(`"${GREEDY[index]}" was answered ${status}: ${text}`);
    if (answers.length !== GREEDY.length) problems.push(`${answers.length} answers`);
  });
  isOver = true;
  await visitors;
  if (visits < 3) problems.push(`visited ${visits} times only`);
  const size = await sizeOf(join(world.home, 'data'));
  // Two quotas, and what SQLite writes beside a database while it changes it.
  if (size > 2 * 2 * DATA_MB * 2 ** 20) problems.push(`its data takes ${size >> 20} MiB`);
  const [[status, text] = [0, '']] = await sql(app, ['SELECT 1']);
  if (status !== 200) problems.push(`its database answers ${status} afterwards: ${text}`);
  return [...slow, ...new Set(problems)];
}

/** Status and beginning of each answer. */
async function sql(
  app: AttackedRunner,
  statements: readonly string[],
): Promise<readonly (readonly [number, string])[]> {
  const all: (readonly [number, string])[] = [];
  // Those that build on each other come one after the other, attacks at once.
  const rounds = statements.length > 2 ? [statements] : statements.map((each) => [each]);
  for (const round of rounds) {
    const report = await app.attack(`() => (${ASK})(${JSON.stringify(round)})`, {} as never, DEADLINE_MS);
    all.push(...((JSON.parse(report ?? '{}') as { said?: [number, string][] }).said ?? []));
  }
  return all;
}

/** Data processes outlive their runners. */
function endData(home: string): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => endAllData(home) };
}

/** The one SQL database that there is. */
async function databaseIn(home: string): Promise<string> {
  const names = await readdir(join(home, 'data'), { recursive: true });
  const found = names.filter((name) => name.endsWith('sql.db'));
  return join(home, 'data', found[0] ?? '');
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (each) => (each.isFile() ? each.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
