import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { GUEST_NODE_FLAGS } from '../../guest-flags.ts';
import { bindListener } from '../../listener.ts';
import { GUEST_FDS, type GuestMessage, type HostMessage } from '../../protocol.ts';
import { buildGuestProgram } from './guest-program.ts';

/** How a guest is started. */
export interface GuestStart {
  readonly env?: Readonly<Record<string, string>>;
  /** Of the channel's socket; default: there is none. */
  readonly channelPath?: string;
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A guest as a plain child process, and its host's side. */
export interface GuestProcess extends AsyncDisposable {
  /** Of the listener, in its own folder. */
  readonly socketPath: string;
  /** All it said, in order. */
  readonly said: readonly GuestMessage[];
  /** What it wrote, both streams. */
  readonly output: () => string;
  /** Waits until that is in what it wrote. @throws when it ends before */
  writing(part: string): Promise<void>;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Waits until it has said that. @throws when it ends before */
  saying<Said extends GuestMessage['said']>(said: Said): Promise<GuestMessage & { readonly said: Said }>;
  tell(message: HostMessage): void;
  /** Bytes on the control connection as they are. */
  write(bytes: Uint8Array | string): void;
  load(source: string, env?: Readonly<Record<string, string>>): void;
  open(options: RequestOptions): ClientRequest;
  get(path: string, options?: RequestOptions & { readonly body?: string | Uint8Array }): Promise<Answer>;
  /** The host goes away without a word. */
  hangUp(): void;
}

let program: Promise<{ readonly folder: string; readonly path: string }> | null = null;

/** Takes away what the guests of this file were started from. */
export async function removeGuestProgram(): Promise<void> {
  if (program !== null) await rm((await program).folder, { recursive: true, force: true });
  program = null;
}

/** Starts an empty guest, under the flags it has in its box; its files lie in a folder of the system's temporary one. */
export async function startGuestProcess(start: GuestStart = {}): Promise<GuestProcess> {
  program ??= buildGuestProgram();
  const { folder, path } = await program;
  const listener = await bindListener(folder);
  const said: GuestMessage[] = [];
  const argv = [...GUEST_NODE_FLAGS, path, start.channelPath ?? join(folder, 'none.sock')];
  const child: ChildProcess = spawn(process.execPath, argv, {
    env: start.env ?? {},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', listener.fd],
  });
  await once(child, 'spawn');
  await listener.release();
  const control = child.stdio[GUEST_FDS.control] as Duplex;
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  let output = '';
  let line = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
      child.emit('written');
    });
  }
  control.on('error', () => {});
  control.on('data', (chunk) => {
    const lines = (line + String(chunk)).split('\n');
    line = lines.pop() ?? '';
    for (const one of lines) {
      said.push(JSON.parse(one));
      child.emit('said');
    }
  });

  /** @throws when it ends before */
  const until = async (event: string, isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      const ended = await Promise.race([once(child, event).then(() => null), exit]);
      if (ended !== null && !isSo()) {
        throw new Error(`ended with ${ended.code ?? ended.signal}: ${JSON.stringify(said)}\n${output}`);
      }
    }
  };
  const open = (options: RequestOptions) =>
    request({
      socketPath: listener.path,
      agent: false,
      ...options,
      headers: { host: 'app.test', ...options.headers },
    });
  const guest: GuestProcess = {
    socketPath: listener.path,
    said,
    output: () => output,
    exit,
    async saying(wanted) {
      const find = () => said.find((message) => message.said === wanted);
      await until('said', () => find() !== undefined);
      return find() as never;
    },
    writing: (part) => until('written', () => output.includes(part)),
    tell: (message) => void control.write(`${JSON.stringify(message)}\n`),
    write: (bytes) => void control.write(bytes),
    load(source, env = {}) {
      const bytes = Buffer.from(source);
      guest.tell({ cmd: 'load', program: { kind: 'module' }, env, secret_files: {}, bytes: bytes.length });
      control.write(bytes);
    },
    open,
    async get(at, { body, ...options } = {}) {
      const outgoing = open({ path: at, method: body === undefined ? 'GET' : 'POST', ...options });
      outgoing.end(body);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      return { status: answer.statusCode ?? 0, headers: answer.headers, text: await text(answer) };
    },
    hangUp: () => void control.destroy(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
      await listener.remove();
    },
  };
  return guest;
}

/** Starts a guest with this app in it, which serves by then. */
export async function serveGuest(
  source: string,
  start: GuestStart & { readonly appEnv?: Readonly<Record<string, string>> } = {},
): Promise<GuestProcess> {
  const guest = await startGuestProcess(start);
  guest.load(source, start.appEnv);
  await guest.saying('ready');
  return guest;
}
