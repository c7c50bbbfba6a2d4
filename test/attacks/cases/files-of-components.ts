import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { endAllData } from '../../../src/data/index.ts';
import type { AttackCode } from '../attack.ts';
import type { Drama, Scene } from '../scene.ts';

const DATA_MB = 4;
const DEADLINE_MS = 30_000;

/** Components that want more of the host's files than their own. */
export const filesDramas: readonly Drama[] = [
  { name: 'speaks for itself to the process that has its files', play: askForOthers },
];

/** Calls that would follow a path to somewhere else. */
const OUTSIDE =
  /^\{"op":"(?:open|read-link|times|make-folder)".*"path":"(?:\/|\.\.\/|\.\."|root\/|host\/|up\/)/;

/**
 * Where it is sent. What lies at `paths` it tries to change and to remove as well, so that is of the harness alone; files of the machine, `looks`,
 * it is to read and no more.
 */
type Targets = Parameters<AttackCode>[0] & {
  readonly paths: readonly string[];
  readonly looks: readonly string[];
};

/** Opens, reads, writes, links, renames and removes by every path, as an app that has got out of WebAssembly; and asks for more than files. */
const speak = async (targets: Targets, get: Parameters<AttackCode>[1]): Promise<string[]> => {
  const socket = get('node:net').connect('/run/tabbify/channel.sock');
  let received = Buffer.alloc(0);
  let wake = (): void => {};
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const until = async <Value>(find: () => Value | null): Promise<Value> => {
    for (;;) {
      const found = find();
      if (found !== null) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const head = (): Promise<string> =>
    until(() => {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return null;
      const text = received.toString('latin1', 0, end);
      received = received.subarray(end + 4);
      return text;
    });
  socket.write('CONNECT tabbify.internal:80 HTTP/1.1\r\nhost: tabbify.internal:80\r\n\r\n');
  const said = [await head()];
  socket.write(
    'GET /v1/files HTTP/1.1\r\nhost: tabbify.internal\r\nconnection: upgrade\r\nupgrade: tabbify-files\r\n\r\n',
  );
  said.push(await head());
  let id = 0;
  const ask = async (request: object, body = ''): Promise<{ handle?: number; error?: string }> => {
    const text = JSON.stringify({ id: ++id, ...request });
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(4 + Buffer.byteLength(text) + body.length, 0);
    frame.writeUInt32BE(Buffer.byteLength(text), 4);
    socket.write(Buffer.concat([frame, Buffer.from(text), Buffer.from(body)]));
    const answer = await until(() => {
      if (received.length < 8 || received.length < 4 + received.readUInt32BE(0)) return null;
      const [length, headBytes] = [received.readUInt32BE(0), received.readUInt32BE(4)];
      const whole = received.subarray(8, 4 + length);
      received = received.subarray(4 + length);
      return { head: whole.toString('utf8', 0, headBytes), body: whole.toString('latin1', headBytes) };
    });
    said.push(`${JSON.stringify(request)} ${answer.head} ${answer.body.slice(0, 2000)}`);
    return JSON.parse(answer.head);
  };
  const open = { op: 'open', at: 0, follow: true, read: true };
  for (const path of targets.looks) {
    for (const follow of [true, false]) {
      const { handle } = await ask({ ...open, path, follow });
      if (handle !== undefined) await ask({ op: 'read', handle, offset: 0, length: 2000 });
    }
  }
  for (const path of targets.paths) {
    for (const more of [
      {},
      { follow: false },
      { folder: true },
      { write: true },
      { write: true, truncate: true },
      { create: true, write: true },
    ]) {
      const { handle } = await ask({ ...open, path, ...more });
      if (handle === undefined) continue;
      await ask({ op: 'read', handle, offset: 0, length: 2000 });
      await ask({ op: 'write', handle, offset: 0 }, 'overwritten');
      const listing = await ask({ op: 'list', handle });
      if (listing.handle !== undefined) await ask({ op: 'next', handle: listing.handle });
    }
    await ask({ op: 'link', at: 0, path, follow: true, to: 0, to_path: 'hard' });
    await ask({ op: 'link', at: 0, path, follow: false, to: 0, to_path: 'hard' });
    await ask({ ...open, path: 'hard' });
    await ask({ op: 'rename', at: 0, path, to: 0, to_path: 'taken' });
    await ask({ op: 'read-link', at: 0, path });
    await ask({ op: 'times', at: 0, path, follow: true, access: 1, modified: 1 });
    await ask({ op: 'unlink', at: 0, path });
    await ask({ op: 'remove-folder', at: 0, path });
    await ask({ op: 'make-folder', at: 0, path: `${path}-made` });
  }
  await ask({ op: 'files', data_mb: 1_000_000 });
  await ask({ op: 'sql' }, '{"sql":"SELECT 1"}');
  const { handle = 0 } = await ask({ ...open, path: 'own', create: true, write: true });
  await ask({ op: 'resize', handle, size: 2 ** 40 });
  socket.destroy();
  return said;
};

async function askForOthers({ runners, world }: Scene): Promise<string[]> {
  await using _ended = { [Symbol.asyncDispose]: () => endAllData(world.home) };
  await using app = await runners.start('escaped.mjs', { runtime: 'wasm-http', dataMb: DATA_MB });
  // Its folder is made by its first call.
  const first = await app.attack(`(${speak})`, { paths: [], looks: [] } as never, DEADLINE_MS);
  const own = (await readdir(join(world.home, 'data'), { recursive: true })).find((name) =>
    name.endsWith('/files'),
  );
  if (own === undefined) return [`it has no files: ${first}`];
  const files = join(world.home, 'data', own);
  const secret = `secret-${randomUUID()}`;
  const neighbour = join(world.home, 'data', randomUUID(), 'production', 'files');
  await mkdir(neighbour, { recursive: true });
  const canaries = [
    join(neighbour, 'canary'),
    join(files, '../canary'),
    join(world.home, `canary-${randomUUID()}`),
  ];
  for (const canary of canaries) await writeFile(canary, secret);
  // Links that some person has left there, into everything.
  await mkdir(join(files, 'in'));
  const root = dirname(world.home);
  await symlink(root, join(files, 'root'));
  await symlink('/', join(files, 'host'));
  await symlink('..', join(files, 'up'));
  await symlink('../../canary', join(files, 'in/canary'));
  await symlink(canaries[0] ?? '', join(files, 'absolute'));
  const around = [world.home, join(world.home, 'data'), join(files, '..'), neighbour];
  const before = await namesIn(around);
  const paths = [
    ...canaries,
    ...canaries.map((path) => `root/${relative(root, path)}`),
    ...canaries.map((path) => `${'../'.repeat(20)}${path.slice(1)}`),
    ...[
      '../canary',
      'in/../../canary',
      'in/canary',
      'in/../in/canary',
      'up/canary',
      'absolute',
      './/..//canary',
    ],
    ...['..', '../kv.db', '../process.json', '../process.log', 'up/kv.db'],
    ...['..\\canary', '%2e%2e/canary', 'in/..\0/../canary'],
  ];
  const looks = ['/etc/passwd', 'host/etc/passwd', 'host/proc/self/root/etc/passwd', '/proc/self/environ'];
  const report = await app.attack(`(${speak})`, { paths, looks } as never, DEADLINE_MS);
  const said = (JSON.parse(report ?? '{}') as { said?: string[]; threw?: string }).said ?? [];
  const problems: string[] = [];
  if (said.length < paths.length * 12) problems.push(`it said ${report?.slice(0, 2000)}`);
  if (!said[1]?.includes(' 101 ')) problems.push(`it was not answered for its own files: ${said[1]}`);
  problems.push(
    ...said.filter((line) => line.includes(secret)).map((line) => `it read: ${line.slice(0, 200)}`),
  );
  for (const line of said)
    if (OUTSIDE.test(line) && !line.includes('"error"')) problems.push(`it was let: ${line.slice(0, 200)}`);
  for (const canary of canaries)
    if ((await readFile(canary, 'utf8').catch(() => 'gone')) !== secret)
      problems.push(`${canary} was changed`);
  if ((await namesIn(around)) !== before) problems.push('something is new in the home, or gone');
  if (!said.at(-1)?.includes('"quota"')) problems.push(`it raised its quota: ${said.at(-1)}`);
  await app.visit();
  return problems;
}

/** Names of what lies in folders, but for what comes and goes by itself. */
async function namesIn(folders: readonly string[]): Promise<string> {
  const names = await Promise.all(folders.map((folder) => readdir(folder)));
  return names
    .flat()
    .filter((name) => !/-(?:wal|journal)$/.test(name))
    .join();
}
