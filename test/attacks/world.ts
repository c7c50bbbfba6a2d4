import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Targets } from './attack.ts';

/** By what the harness knows its own connections: it comes after an attack and is answered after whoever waits before it. */
const KNOCK = 'it is only me';
/** Milliseconds after which a connection is closed. */
const VISIT_MS = 500;

/** The part of the host that attacks are after, and what is seen of it from outside. */
export interface World extends AsyncDisposable {
  /** `TABBIFY_HOME` of the office that the attacked boxes belong to. */
  readonly home: string;
  /** Folder for sockets, with a short name. */
  readonly sockets: string;
  /** As they are now: victims that died are replaced. */
  targets(): Targets;
  /**
   * What happened since the last look that must not happen, one sentence each.
   *
   * @param report all that came out of the attack, as text
   */
  look(report: string): Promise<string[]>;
}

/**
 * Lays out what attacks are after: files with secrets, listeners, processes. All of it is of the user who runs this.
 *
 * @param folder where it may lie
 */
export async function openWorld(folder: string): Promise<World> {
  const root = await mkdtemp(join(folder, 'attacks-'));
  await chmod(root, 0o755); // what is open to all is to be closed to a box all the same
  const home = join(root, 'home');
  const other = join(root, 'other-user');
  await mkdir(home, { mode: 0o700 });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(root, { recursive: true, force: true }));

  const files = [
    join(home, 'node.key'),
    join(home, 'master.key'),
    join(home, 'artifacts/other-app/app.mjs'),
    join(home, 'log/office.sqlite'),
    join(other, 'open-to-all.json'),
    join(other, '.npmrc'),
  ];
  const secrets = new Map<string, string>();
  for (const path of files) {
    const secret = `secret-${randomBytes(12).toString('hex')}`;
    secrets.set(secret, path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `export const secret = '${secret}';\n`, {
      mode: path.startsWith(home) ? 0o600 : 0o666,
    });
  }
  const nameOfFile = `name-${randomBytes(12).toString('hex')}`;
  secrets.set(nameOfFile, `the name of a file in ${other}`);
  await writeFile(join(other, nameOfFile), '');
  secrets.set((await readFile('/etc/passwd', 'utf8')).split('\n')[0] ?? '', '/etc/passwd');
  secrets.set(`"${hostname()}"`, 'the name of the host');
  const environment = `secret-${randomBytes(12).toString('hex')}`;
  secrets.set(environment, 'the environment of a process');

  const heard = new Set<{ readonly what: string }>();
  const sockets = await mkdtemp(join(folder, 's-'));
  undo.defer(() => rm(sockets, { recursive: true, force: true }));
  const abstractSocket = `attacks-${randomUUID()}`;
  const paths = [join(home, 'control.sock'), join(sockets, 'open-to-all.sock')];
  const knocks: (() => Promise<void>)[] = [];
  const listen = async (what: string, at: { port?: number; host?: string; path?: string }) => {
    const server = createServer((socket) => {
      const visit = { what: `${what} got a connection` };
      heard.add(visit);
      let text = '';
      socket
        .on('error', () => {})
        .on('data', (data) => {
          text += data.toString('latin1');
          if (text !== KNOCK) return;
          heard.delete(visit);
          socket.end();
        });
      setTimeout(() => socket.destroy(), VISIT_MS).unref();
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(at, resolve));
    undo.defer(() => void server.close());
    const address = server.address();
    const here =
      typeof address === 'object' && address !== null ? { port: address.port, host: '127.0.0.1' } : at;
    knocks.push(
      () =>
        new Promise((resolve) => {
          const socket = connect({ ...here } as { path: string }, () => socket.write(KNOCK));
          socket
            .resume()
            .on('close', () => setImmediate(resolve))
            .on('error', () => {});
        }),
    );
    return address;
  };
  const tcp = await listen('a TCP port', { port: 0, host: '127.0.0.1' });
  await listen('an abstract socket', { path: `\0${abstractSocket}` });
  for (const path of paths) {
    await listen('a unix socket', { path });
    await chmod(path, 0o666);
  }
  const udp = createSocket('udp4').on('message', () => heard.add({ what: 'a UDP port got a datagram' }));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  undo.defer(() => void udp.close());

  let victims: ChildProcess[] = [];
  const replaceVictims = () => {
    for (const victim of victims) victim.kill('SIGKILL');
    victims = [0, 1].map(() =>
      spawn('/bin/sleep', ['600'], { env: { SECRET: environment }, stdio: 'ignore' }),
    );
  };
  replaceVictims();
  undo.defer(() => {
    for (const victim of victims) victim.kill('SIGKILL');
  });
  const pids = () => victims.flatMap(({ pid }) => pid ?? []);

  const contents = async () =>
    Promise.all(files.map((path) => readFile(path, 'utf8').catch((error: Error) => error.message)));
  const before = await contents();
  const disposal = undo.move();
  return {
    home,
    sockets,
    targets: () => ({
      secretFiles: ['/etc/passwd', ...files],
      folders: [other, home, root],
      victimFiles: files,
      tcpPort: typeof tcp === 'object' ? (tcp?.port ?? 0) : 0,
      udpPort: udp.address().port,
      sockets: paths,
      abstractSocket,
      victims: pids(),
      environOf: [...pids(), process.pid],
    }),
    async look(report) {
      const seen: string[] = [];
      for (const [secret, where] of secrets) if (report.includes(secret)) seen.push(`it read ${where}`);
      await Promise.all(knocks.map((knock) => knock())); // whoever came before has been heard by then
      for (const { what } of heard) seen.push(what);
      heard.clear();
      const states = await Promise.all(pids().map(stateOf));
      if (states.some((state) => state !== 'running')) {
        seen.push(`a process of the host is ${states.find((state) => state !== 'running')}`);
        replaceVictims();
      }
      const now = await contents();
      for (const [index, path] of files.entries())
        if (now[index] !== before[index]) {
          seen.push(`${path} has changed`);
          await rm(path, { recursive: true, force: true });
          await writeFile(path, before[index] ?? '');
        }
      return seen;
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** proc(5): a process that was stopped, slowed down or killed was reached. */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || fields[0] === 'Z') return 'dead';
  if (fields[0] === 'T') return 'stopped';
  return fields[16] === '0' ? 'running' : 'slowed down';
}
