import type { Agent } from 'node:http';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { type AppChannel, type ChannelServer, serveChannel } from '../../egress/index.ts';
import type { Box, BoxBounds, BoxSpec } from '../../sandbox/index.ts';
import { GUEST_PROGRAMS } from '../guest-program.ts';
import type { Problem } from '../problem.ts';
import type { RuntimePlace, SecretFiles } from '../runtime.ts';
import { type CellEnd, explainEnd } from './cell-end.ts';
import { guestAgent } from './connections.ts';
import { type Control, openControl } from './control.ts';
import type { GuestDoor } from './exchange.ts';
import type { Figures } from './figures.ts';
import { guestArgv, IN_BOX } from './guest-argv.ts';
import { GUEST_NODE_FLAGS } from './guest-flags.ts';
import { type LateChannel, lateChannel } from './late-channel.ts';
import { bindListener, type Listener } from './listener.ts';
import { type Output, readOutput, type TakeLine } from './output.ts';
import { appEnded } from './problems.ts';
import { CHANNEL_PATH, type GuestMessage, type GuestProgram, type HostMessage } from './protocol.ts';
import { type Asked, askings } from './questions.ts';
import { openShelf, type Shelf, type ShelvedFile } from './shelf.ts';
import { newSocketPath, removeLeftSockets } from './socket-names.ts';

/** Starts a program in a box. */
export type OpenBox = (spec: BoxSpec) => Promise<Box>;

/** What a cell has room for. */
export interface CellFit {
  /** MiB of V8's heap. */
  readonly heapMb: number;
  readonly bounds: BoxBounds;
}

/** What a cell is made of. */
export interface CellPlan extends CellFit {
  readonly openBox: OpenBox;
  readonly place: RuntimePlace;
  /** Of the app that will come; null: nobody knows yet. */
  readonly kind: GuestProgram['kind'] | null;
  /** See `BoxSpec.canWait`. */
  readonly canWait: boolean;
  /** See `BoxSpec.launched`. */
  readonly launched?: () => void;
  /** Called when its box is there, and the guest in it begins to come up. */
  readonly opened?: () => void;
}

/** An app as a guest takes it. */
export interface GuestApp {
  readonly env: Readonly<Record<string, string>>;
  readonly secretFiles: SecretFiles;
  /** See `StartSpec.hidesErrors`. */
  readonly hidesErrors: boolean;
  readonly program: GuestProgram;
  /** The source of a module, or the bundle that an engine loads. */
  readonly source: Uint8Array | null;
  /** What of it is read as files. */
  readonly files: readonly ShelvedFile[];
  readonly channel: AppChannel;
  readonly take: TakeLine;
  /** What to say of requests under way when it goes past its bound of memory. */
  readonly memoryExhausted: Problem;
  /** Takes what the guest of a component has counted; a module's tells nothing. */
  readonly onFigures: (figures: Figures) => void;
}

/** Milliseconds for a guest to be there, and for an app in it to serve. */
const PATIENCE_MS = 30_000;
/** Milliseconds for what a guest has written to come out after its end. */
const LAST_WORDS_MS = 500;
/** Lines of one message of a guest for the log, and characters of each, which are taken. */
const MAX_LINES = 100;
const MAX_LINE = 8 * 1024;

/** A box with a guest in it, and the ways between it and its host: requests, messages, output, the app's channel. */
export class Cell implements GuestDoor {
  readonly agent: Agent;
  readonly path: string;
  /** MiB of V8's heap; it never changes. */
  readonly heapMb: number;
  /** Resolves, once, when all of it is gone. */
  readonly ended: Promise<CellEnd>;
  readonly #parts: CellParts;
  readonly #control: Control;
  readonly #output: Output;
  /** Null: it waits for one. */
  #app: GuestApp | null = null;
  #why: CellEnd | null = null;
  #isOver = false;
  #hasTaken = false;
  #cpuMs = 0;
  readonly #questions: Readonly<Record<'ping' | 'health', Asked>>;
  readonly #moments = {
    warm: Promise.withResolvers<GuestMessage>(),
    ready: Promise.withResolvers<GuestMessage>(),
    failed: Promise.withResolvers<GuestMessage>(),
    stopped: Promise.withResolvers<GuestMessage>(),
  };

  constructor(parts: CellParts, heapMb: number) {
    this.#parts = parts;
    this.heapMb = heapMb;
    this.path = parts.listener.path;
    this.agent = guestAgent();
    const { child } = parts.box;
    this.#output = readOutput(
      child.stdout as Readable | null,
      child.stderr as Readable | null,
      (origin, line) => this.#app?.take(origin, line),
    );
    this.#control = openControl(
      child.stdio[3] as Duplex,
      (message) => this.#heard(message),
      (why) => void this.end(wrongGuest(why)),
    );
    const say = (message: HostMessage): void => this.#control.say(message);
    this.#questions = {
      ping: askings((n) => say({ cmd: 'ping', n })),
      health: askings((n) => say({ cmd: 'health', n })),
    };
    this.ended = this.#whenEnded();
  }

  /** Is nobody in it any more, or on the way out? */
  get isOver(): boolean {
    return this.#isOver || this.#why !== null;
  }

  /** Milliseconds of CPU used so far; it stays when the cell has ended. */
  cpuMs(): number {
    if (this.#isOver) return this.#cpuMs;
    this.#cpuMs = Math.max(this.#cpuMs, this.#parts.box.cpuMs());
    return this.#cpuMs;
  }

  memoryBytes(): number {
    return this.#isOver ? 0 : this.#parts.box.memoryBytes();
  }

  /** Waits until the guest is there, and checks the box from outside. @throws when either fails */
  async check(): Promise<void> {
    const looked = this.#parts.box.verify().then(
      () => null,
      (fault: unknown) => ({ fault }),
    );
    const end = await this.#told('warm').then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const found = await looked; // as soon as its program runs, while that gets ready
    if (end === null && found === null) return;
    // A guest that was ended for what its box is like says nothing of itself.
    if (
      found !== null &&
      (end === null || (this.#isOver && (await this.#parts.box.ended).signal === 'SIGKILL'))
    )
      throw found.fault;
    throw end?.error;
  }

  /** Has code of an app come into it? */
  get hasTaken(): boolean {
    return this.#hasTaken;
  }

  /**
   * Gives it the app.
   *
   * @returns what the guest says: `ready`, or `failed`
   * @throws when the box is not as it must be, or the guest ends or is silent
   */
  async load(app: GuestApp): Promise<Extract<GuestMessage, { said: 'ready' | 'failed' }>> {
    this.#app = app;
    this.#parts.way.lead(app.channel);
    const { program, env, source, files } = app;
    const secret_files = Object.fromEntries(
      Object.entries(app.secretFiles).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    );
    await this.#parts.shelf.put(files);
    this.#control.say({
      ...{ cmd: 'load', program, env, secret_files, bytes: source?.length ?? 0 },
      ...(app.hidesErrors && { hides_errors: true }),
    });
    if (source !== null) this.#control.send(source);
    const answer = await this.#told('ready', 'failed');
    await this.#parts.shelf.clear();
    return answer as Extract<GuestMessage, { said: 'ready' | 'failed' }>;
  }

  /** Tells the guest what may come, so that it loads what runs it in the time that it waits. */
  expect(kind: GuestProgram['kind']): void {
    this.#control.say({ cmd: 'expect', kind });
  }

  /** Has the guest walk the way of an app in the time that it waits. */
  rehearse(): void {
    this.#control.say({ cmd: 'rehearse' });
  }

  /** See `Box.hurry`. */
  hurry(): void {
    this.#parts.box.hurry();
  }

  /** Changes its bounds, and checks that they hold. */
  async bound(bounds: BoxBounds): Promise<void> {
    await this.#parts.box.bound(bounds);
    await this.#parts.box.verify();
  }

  /** Resolves after a turn of the guest's event loop; never, when there is none. */
  async ping(): Promise<void> {
    await this.#questions.ping.ask();
  }

  /** @returns why the app could not serve, null when it could; never, when the guest's event loop does not turn */
  health(): Promise<string | null> {
    return this.#questions.health.ask();
  }

  /** Tells the guest to come to its end; resolves when it has, or after the time. */
  async stop(graceMs: number): Promise<void> {
    this.#control.say({ cmd: 'stop', grace_ms: graceMs });
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([promise, this.#moments.stopped.promise, this.ended]);
    clearTimeout(timer);
  }

  /** Ends it; resolves when all of it is gone. @param why the first one counts */
  async end(why: CellEnd): Promise<CellEnd> {
    this.#why ??= why;
    this.agent.destroy();
    await this.#parts.box.kill();
    return this.ended;
  }

  async #whenEnded(): Promise<CellEnd> {
    const { box, listener, served, shelf } = this.#parts;
    const end = await box.ended;
    this.#cpuMs = Math.max(this.#cpuMs, lastReading(box));
    this.#isOver = true;
    this.agent.destroy();
    await this.#output.ended(LAST_WORDS_MS);
    await Promise.all([listener.remove(), served.close(), shelf.remove()]);
    return explainEnd(end, this.#why, this.#output.lastErrors, this.#app?.memoryExhausted ?? null);
  }

  #heard(message: GuestMessage): void {
    switch (message.said) {
      case 'pong':
        this.#questions.ping.answered(message.n, null);
        break;
      case 'health':
        this.#questions.health.answered(message.n, message.reason);
        break;
      case 'figures':
      case 'log':
        this.#ofComponent(message);
        break;
      case 'taken':
        this.#hasTaken = true;
        break;
      default:
        this.#moments[message.said].resolve(message);
    }
  }

  /** Beside a module nobody in the box speaks for the platform. */
  #ofComponent(message: Extract<GuestMessage, { said: 'figures' | 'log' }>): void {
    const app = this.#app;
    if (app?.program.kind !== 'component')
      void this.end(wrongGuest('it said what no guest of a module says'));
    else if (message.said === 'figures') app.onFigures(message.figures);
    else for (const line of linesOf(message.line)) app.take('platform', line);
  }

  /** Waits for one of these. @throws when the guest ends before, or says nothing in time */
  async #told(...said: readonly Moment[]): Promise<GuestMessage> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const why = `it was not ${said[0]} within ${PATIENCE_MS / 1000} s`;
    const timer = setTimeout(() => reject(new Error(why)), PATIENCE_MS);
    const gone = this.ended.then((end) => {
      throw new Error(wordsOf(end));
    });
    try {
      return await Promise.race([...said.map((each) => this.#moments[each].promise), late, gone]);
    } finally {
      clearTimeout(timer);
    }
  }
}

type Moment = 'warm' | 'ready' | 'failed' | 'stopped';

/** What a cell has opened. */
interface CellParts {
  readonly box: Box;
  readonly listener: Listener;
  readonly served: ChannelServer;
  readonly way: LateChannel;
  readonly shelf: Shelf;
}

/**
 * Opens a box with a guest that waits for its app, checked. What does not come up leaves nothing behind.
 *
 * @throws TabbifyError of the sandbox, or what else went wrong
 */
export async function openCell({
  openBox,
  place,
  kind,
  heapMb,
  bounds,
  canWait,
  launched = () => {},
  opened,
}: CellPlan): Promise<Cell> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const listener = await bindListener(place.sockets);
    undo.push(listener.remove, listener.release);
    const way = lateChannel();
    const channelPath = newSocketPath(place.sockets, 'c');
    const served = await serveChannel(way, channelPath, { anyUser: true });
    undo.push(() => served.close());
    const shelf = await openShelf(place.sockets);
    undo.push(shelf.remove);
    const box = await openBox({
      profile: 'app',
      place: { home: place.home },
      label: 'app',
      argv: guestArgv(heapMb, GUEST_NODE_FLAGS),
      env: {},
      files: [
        { from: process.execPath, to: IN_BOX.node },
        { from: join(place.programs, GUEST_PROGRAMS.guest.name), to: IN_BOX.guest },
        { from: join(place.programs, GUEST_PROGRAMS.component.name), to: IN_BOX.component },
        { from: shelf.path, to: IN_BOX.shelf },
        { from: channelPath, to: CHANNEL_PATH },
      ],
      bounds,
      canWait,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', listener.fd],
      launched,
    });
    const cell = new Cell({ box, listener, served, way, shelf }, heapMb);
    if (kind !== null) cell.expect(kind); // it reads that as soon as it is there
    opened?.();
    undo.length = 0;
    undo.push(() => cell.end({ kind: 'told' }));
    await listener.release(); // before any code of an app is in the box
    await Promise.all([cell.check(), removeLeftSockets(place.sockets)]);
    return cell;
  } catch (error) {
    for (const each of undo.reverse()) await each().catch(() => {});
    throw error;
  }
}

/** In words for a person: why it is not there any more. */
export function wordsOf(end: CellEnd): string {
  if (end.kind === 'bound') return end.problem.detail;
  return end.kind === 'exit' ? end.exit.reason : 'it was stopped';
}

function wrongGuest(why: string): CellEnd {
  return {
    kind: 'exit',
    exit: { code: null, reason: `it was ended: ${why}` },
    problem: appEnded('by its host'),
  };
}

/** Whoever wrote it: no line of the log has another in it, or is longer than those of an app may be. */
function linesOf(text: string): readonly string[] {
  return text.split(/[\r\n]+/, MAX_LINES).map((line) => line.slice(0, MAX_LINE));
}

function lastReading(box: Box): number {
  try {
    return box.cpuMs();
  } catch {
    return 0; // with the box its figures may have gone
  }
}
