import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppChannel } from '../egress/index.ts';

/** Where on this machine a runtime finds its own programs, and may keep what belongs to a running app. */
export interface RuntimePlace {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  /** Folder for sockets, 0700; a name of at most 32 bytes fits behind it. */
  readonly sockets: string;
  /** Folder with the programs that were laid down beside the runner, e.g. `guest.mjs`; it stays as long as the app runs. */
  readonly programs: string;
}

/** What requests of an app will go through, with no app behind it; to be disposed of soon. */
export interface Rehearsal extends AsyncDisposable {
  /** Answers a request. */
  serve(request: IncomingMessage, response: ServerResponse): void;
}

/** What a runtime has ready for an app that is not known yet. */
export interface Prepared {
  /** Gives it up; done when nothing of it is left. */
  dispose(): Promise<void>;
  /** Resolves in a moment in which this process has nothing else to do for it. May be missing: requests go no way of their own. */
  rehearsal?(): Promise<Rehearsal>;
}

/** What is known of an app that will come. */
export interface ComingApp {
  /** MiB that it may have; null or missing: that is not known yet. */
  readonly memoryMb?: number | null;
  /** See `StartSpec.canWait`. */
  readonly canWait?: boolean;
}

/** By name, the bytes of a file that is nowhere but in memory. */
export type SecretFiles = Readonly<Record<string, Uint8Array>>;

/** Where an app finds them. */
export const SECRET_FILES = '/run/secrets';

/** What is run: an artifact that was fetched and verified, and its bounds. */
export interface StartSpec {
  /** Folder of the unpacked artifact (format: see `wasm-http/artifact.ts`). */
  readonly artifactDir: string;
  /** The app's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the app finds as files in `SECRET_FILES`, and on no disk: by name, without a slash. */
  readonly secretFiles?: SecretFiles;
  /** It was given secrets: what it throws, which may repeat them, is told to its log alone and not to its visitors. */
  readonly hidesErrors?: boolean;
  /** MiB. For wasm: each instance's linear memory (already written into the artifact as its maximum). */
  readonly memoryMb: number;
  readonly fuelPerRequest: number;
  readonly isolation: 'pool' | 'request';
  /** The app's one way out: nothing leaves the instance but through it. */
  readonly channel: AppChannel;
  /** The channel answers for the app's files (`/data`); missing: it does not. `wasm-http` alone has a use for it. */
  readonly hasFiles?: boolean;
  readonly place: RuntimePlace;
  /**
   * The wall that this machine has said such an app is behind (`describeRuntimes`), null: it has said nothing of them. An app gets
   * this wall or a thicker one, or does not start.
   */
  readonly wall: IsolationClass | null;
  /** Does nobody wait for it, e.g. as another version serves? Then others go first where the CPU is short, until it serves itself. */
  readonly canWait?: boolean;
  /** Of `Runtime.prepare` of any runtime, used up by the start, whatever becomes of it; null: there is none. */
  readonly prepared: Prepared | null;
  /** Where the app's own output goes; one call per line, without the newline. */
  readonly log: (origin: 'stdout' | 'stderr' | 'platform', line: string) => void;
}

/** Why an app is not there any more. */
export interface AppExit {
  /** Exit code; null when it was ended by a signal, or the runtime has no such thing. */
  readonly code: number | null;
  /** For the app's log: what ended it. */
  readonly reason: string;
}

/** How an app does, as its runtime sees it. */
export interface AppHealth {
  readonly ok: boolean;
  /** For its log and for a person: why it is not well; null when it is. */
  readonly reason: string | null;
}

export interface RunningApp {
  /**
   * Resolves, once, when the app has ended by itself or what it ran in has died under it. Never because of `stop` or
   * `purge`, and never where an app cannot end before the process that runs it.
   */
  readonly exited: Promise<AppExit>;
  /**
   * Answers one request; streams both ways. Never throws: what goes wrong inside the app becomes a 5xx
   * problem+json naming the bound that was hit, or a broken connection once the head has been sent.
   */
  serve(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Answers a request that asks to go on with another protocol (WebSocket), like `serve`. Where it is missing, such a request is
   * served like any other.
   *
   * @param head what came already behind the request
   */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Could it serve now? Apart from any request, and without one that a visitor would notice. Never rejects.
   *
   * @param signal aborted: whoever asks waits no longer; answered soon after that
   */
  health(signal: AbortSignal): Promise<AppHealth>;
  /**
   * Figures for `health` replies: instances alive, requests served, requests that hit a bound. `requests` (counted as
   * they come) and `in_flight` (streams until their end) tell the supervisor whether the app rests. Where fuel is bounded,
   * `fuel_used` is what all requests have used so far; like every count it never falls.
   */
  stats(): Readonly<Record<string, number>>;
  /** Takes no new requests, lets running ones finish for at most `graceMs` milliseconds, then ends them and the app. */
  stop(graceMs: number): Promise<void>;
  /** Ends the app at once and removes all that running it has made on this machine; the artifact is somebody else's. */
  purge(): Promise<void>;
}

/**
 * How well a bound holds: `enforced` — going past it is impossible and answered as such; `best_effort` — it mostly holds;
 * `unsupported` — the app is not bounded in this.
 */
export type Enforcement = 'enforced' | 'best_effort' | 'unsupported';

/** What an app can be bounded in: `memory` (`StartSpec.memoryMb`), `fuel` per request, `cpu` time of all requests together. */
export type Limit = 'memory' | 'fuel' | 'cpu';

/**
 * The wall around an app, from the thinnest to the thickest (CONTRACTS §4): `wasm-bare` a component in its runner's process,
 * `process` a sandboxed process or a container, `wasm` a component in such a process, `vm` a machine of its own.
 */
export type IsolationClass = 'wasm-bare' | 'process' | 'wasm' | 'vm';

/** What a runtime holds its apps to on this machine; known without loading its code. */
export interface RuntimeDescription {
  readonly kind: 'wasm-http' | 'worker' | 'docker' | 'firecracker';
  readonly isolation: IsolationClass;
  readonly limits: Readonly<Record<Limit, Enforcement>>;
  /** Why this machine holds less than it could, in words for a person, and what helps; missing: it holds what it can. */
  readonly lack?: { readonly why: string; readonly hint: string };
}

/** One way of running an app inside its runner. */
export interface Runtime extends RuntimeDescription {
  /**
   * Readies what every start needs, before the app is known. May be missing: there is nothing to ready. Never needed for a start.
   * Resolves as soon as it is under way, with nothing to do for this process for a while.
   */
  prepare?(place: RuntimePlace, coming?: ComingApp): Promise<Prepared>;
  /**
   * Starts an app; another may run beside it. What does not come up leaves nothing behind.
   *
   * @throws TabbifyError `artifact_invalid`, `start_failed`
   */
  start(spec: StartSpec): Promise<RunningApp>;
}
