import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { AppChannel } from '../../egress/index.ts';
import type { Box, BoxBounds, BoxPlace, ShownFile } from '../box.ts';
import { sandboxError } from '../errors.ts';
import { openBox } from '../open-box.ts';
import { BOX_PROFILES } from '../profile.ts';
import { watchDisk } from './disk-watch.ts';
import { type Follow, takeLines } from './lines.ts';
import type { DiskBounds } from './measure-folder.ts';
import { type Launch, type Launched, TOOL_FDS } from './protocol.ts';
import { BRIDGE_PORT, PROXY_ENVIRONMENT } from './proxy-environment.ts';
import { serveInFolder } from './socket-in-folder.ts';
import { CHANNEL_IN_BOX, LAUNCHER_IN_BOX, NODE_IN_BOX, toolFiles } from './tool-files.ts';
import { openToBox } from './work-folder.ts';

/** What is run, and with what. */
export interface ToolSpec {
  /** `sockets`: a folder closed to other users, for the socket of the channel; its path may be long. */
  readonly place: BoxPlace & { readonly sockets: string };
  /** For people: what is run. */
  readonly label: string;
  /** The program and its arguments, paths in the box; `NODE_IN_BOX` is there. */
  readonly argv: readonly string[];
  /** All of its environment, besides what leads to the channel. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may read. */
  readonly files: readonly ShownFile[];
  /**
   * Folders that it may write to; it starts in the first one, or in `/tmp`. Each lies in a folder that is closed to other users: as
   * root, all that is in it is opened to the box's own uid.
   */
  readonly writable: readonly ShownFile[];
  /** What may lie in those folders together; it is looked after while the tool runs, so it goes past it for a moment. Default: no bound. */
  readonly disk?: DiskBounds;
  /** Its only way to anywhere; null: it has none. */
  readonly channel: AppChannel | null;
  readonly bounds: BoxBounds;
  /** Milliseconds, from its start on; infinite: whoever runs it ends it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Written to its standard input when the box has been looked at; it then stays open as long as the tool runs. */
  readonly input?: string;
  /** Told when that was written. @param write writes more of it, later */
  readonly onOpen?: (write: (text: string) => void) => void;
  /**
   * The tool does nothing before its input comes. Then it is the first program of the box, and starts while that is looked at: a node
   * less to wait for. It has no channel.
   */
  readonly waitsForInput?: boolean;
  /** What it writes to descriptor 3, line by line. @param follow says how many bytes follow the line; they are given to `onBytes` */
  readonly onMessage?: (line: string, follow: Follow) => void;
  readonly onBytes?: (bytes: Buffer) => void;
  /** What it prints, as it comes. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** How a tool came to its end. */
export interface ToolResult {
  /**
   * `itself`: it ended; `memory`: at its bound; `timeout`, `aborted`: it was ended; so for `disk`: what lies in its folders, and
   * `flooded`: a message without an end, or more output than anybody reads.
   */
  readonly ended: 'itself' | 'memory' | Stopped;
  /** Null unless it ended by itself. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last 64 KiB of each. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a tool was ended. */
type Stopped = 'timeout' | 'aborted' | 'flooded' | 'disk';

const TAIL_CHARACTERS = 64 * 1024;
/** Characters on each of standard output and errors; a tool that goes on printing would keep this process at reading. */
const MAX_OUTPUT = 64 << 20;

/**
 * Runs a tool in a box of the profile `tool`, and resolves when nothing of it is left. What it wrote to its folders is foreign: no
 * link in there may be followed.
 *
 * @throws TabbifyError `box_unavailable`, `box_failed` (also: there is no such program in the box), `box_unsafe`
 */
export async function runTool(spec: ToolSpec): Promise<ToolResult> {
  await using held = new AsyncDisposableStack();
  const { channel, writable } = spec;
  const socket =
    channel === null ? null : held.use(await serveInFolder(channel, spec.place.sockets, nameOfSocket()));
  for (const { from } of writable) await openToBox(from);
  if (spec.signal?.aborted) return { ended: 'aborted', code: null, signal: null, stdout: '', stderr: '' };
  const isFirst = startsBox(spec);
  const box = await openBox({
    profile: 'tool',
    place: spec.place,
    label: spec.label,
    argv: isFirst ? spec.argv : [NODE_IN_BOX, '--no-warnings', LAUNCHER_IN_BOX],
    env: isFirst ? spec.env : {},
    files: [
      ...(await toolFiles(spec.place.home)),
      ...(socket === null ? [] : [{ from: socket.path, to: CHANNEL_IN_BOX }]),
      ...spec.files,
    ],
    writable,
    bounds: spec.bounds,
    stdio: isFirst ? ['pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  return await conduct(spec, box); // what is held is needed as long as it runs
}

function nameOfSocket(): string {
  return `${randomBytes(8).toString('hex')}.sock`;
}

/** Is the tool the first program of its box? */
function startsBox({ waitsForInput = false, channel }: ToolSpec): boolean {
  return waitsForInput && channel === null;
}

/** From an open box to a dead one. */
async function conduct(spec: ToolSpec, box: Box): Promise<ToolResult> {
  let stopped: Stopped | null = null;
  const stop = (why: Stopped): void => {
    stopped ??= why;
    void box.kill();
  };
  const timer = Number.isFinite(spec.timeoutMs) ? setTimeout(stop, spec.timeoutMs, 'timeout') : undefined;
  const onAbort = (): void => stop('aborted');
  spec.signal?.addEventListener('abort', onAbort, { once: true });
  if (spec.signal?.aborted) onAbort();
  const { stdin, stdout, stderr } = box.child;
  const flooded = (): void => stop('flooded');
  const orders = startsBox(spec)
    ? null
    : (box.child.stdio[TOOL_FDS.orders] as unknown as Readable & Writable);
  const messages = box.child.stdio[TOOL_FDS.messages] as Readable;
  for (const pipe of [stdin, orders]) pipe?.on('error', () => {}); // the box may have died; its end says so
  const output = {
    stdout: tailOf(stdout, (text) => spec.onOutput?.('stdout', text), flooded),
    stderr: tailOf(stderr, (text) => spec.onOutput?.('stderr', text), flooded),
  };
  const read = takeLines(messages, {
    line: (line, follow) => spec.onMessage?.(line, follow),
    bytes: (bytes) => spec.onBytes?.(bytes),
    tooLong: flooded,
  });
  let said: string | null = null;
  const hear = (line: string): void => {
    said ??= line;
  };
  const heard = orders === null ? null : takeLines(orders, { line: hear, tooLong: flooded });
  const folders = spec.writable.map(({ from }) => from);
  const watch = spec.disk === undefined ? null : watchDisk(folders, spec.disk, () => stop('disk'));
  try {
    await unlessStopped(box.verify(), () => stopped !== null);
    orders?.write(`${JSON.stringify(launchOf(spec))}\n`);
    if (spec.input !== undefined) stdin?.write(spec.input);
    spec.onOpen?.((text) => stdin?.write(text));
    const { code, signal, cause } = await box.ended;
    await Promise.all([heard, read]);
    if ((await watch?.last()) === 'past') stopped ??= 'disk';
    const texts = { stdout: output.stdout(), stderr: output.stderr() };
    if (stopped !== null) return { ended: stopped, code: null, signal: null, ...texts };
    if (cause === 'memory') return { ended: 'memory', code: null, signal: null, ...texts };
    const launched = parse(said);
    if (launched === null) return { ended: 'itself', code, signal, ...texts };
    if ('failed' in launched) throw notStarted(spec, launched.failed);
    return { ended: 'itself', code: launched.code, signal: launched.signal, ...texts };
  } finally {
    clearTimeout(timer);
    watch?.end();
    spec.signal?.removeEventListener('abort', onAbort);
    await box.kill();
    await Promise.allSettled([heard, read]);
  }
}

/** A box that is ended while it is looked at is not as it must be. */
async function unlessStopped(verified: Promise<void>, isStopped: () => boolean): Promise<void> {
  try {
    await verified;
  } catch (error) {
    if (!isStopped()) throw error;
  }
}

function launchOf({ argv, env, writable, channel }: ToolSpec): Launch {
  return {
    argv,
    env: { ...(channel === null ? {} : PROXY_ENVIRONMENT), ...env },
    folder: writable[0]?.to ?? BOX_PROFILES.tool.folder,
    bridge: channel === null ? null : { port: BRIDGE_PORT, channel: CHANNEL_IN_BOX },
  };
}

function tailOf(stream: Readable | null, seen: (text: string) => void, flooded: () => void): () => string {
  let tail = '';
  let size = 0;
  stream?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS);
    size += text.length;
    if (size > MAX_OUTPUT) flooded();
    else seen(text);
  });
  return () => tail;
}

/** Null when the launcher did not come to say it. */
function parse(line: string | null): Launched | null {
  try {
    return line === null ? null : (JSON.parse(line) as Launched);
  } catch {
    return null;
  }
}

function notStarted({ argv }: ToolSpec, why: string) {
  return sandboxError('box_failed', {
    what: `${argv[0]} did not start in the sandbox`,
    why,
    hint: 'Only what the sandbox is given is there: show it the program and what it loads.',
  });
}
