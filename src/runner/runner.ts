import { setTimeout as wait } from 'node:timers/promises';
import type { AppGrant } from '../app/index.ts';
import { messageOf } from '../kit/index.ts';
import type { AppExit, RunningApp } from '../runtimes/index.ts';
import { type AppServer, serveApp } from './app-server.ts';
import type { ControlAnswer } from './control-server.ts';
import type { LogOrigin } from './log-line.ts';
import {
  CONTROL_PROTOCOL,
  type ControlCommand,
  type ControlReply,
  type DeniedHost,
  type RunnerSpec,
} from './protocol.ts';
import { STOPPING, type WatchedApp, WELL, watchApp } from './watched-app.ts';

export interface RunnerParts {
  readonly nonce: string;
  /** Starts the app; only called once, by `deploy`. */
  readonly startApp: (spec: RunnerSpec) => Promise<RunningApp>;
  /** Changes what the app may do, while it runs. @param node see `RunnerSpec.node` */
  readonly setGrant: (grant: AppGrant, node: string | undefined) => void;
  /** What it was denied so far. */
  readonly denied: () => readonly DeniedHost[];
  readonly log: (origin: LogOrigin, line: string) => void;
  /** Hides the app's secrets in what is said of it; `log` does that itself. */
  readonly redact: (text: string) => string;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/** Milliseconds behind its grace in which an app may still end what is open. A supervisor kills later than that. */
const GOODBYE_MS = 1_000;

/** Milliseconds for the word that it did not start to get to who asked for it. */
const REPLY_MS = 1_000;
const STILL_WAITS =
  'a top-level await of its code waits for something, or its server listens later than health.timeout_sec allows';

/** One app in one process: empty until `deploy`, then serving, then stopping. */
export interface Runner {
  handle(command: ControlCommand): Promise<ControlAnswer>;
  /** Running requests finish within the grace, then the process exits with 0. Later calls change nothing. */
  stop(graceMs: number, reason: string): void;
}

/** The life of a runner, apart from sockets and signals. */
export function createRunner(parts: RunnerParts): Runner {
  let state: 'empty' | 'starting' | 'serving' | 'stopping' = 'empty';
  let app: RunningApp | null = null;
  let watched: WatchedApp | null = null;
  let server: AppServer | null = null;

  async function deploy(spec: RunnerSpec): Promise<ControlAnswer> {
    if (state !== 'empty') return { reply: failure('already_deployed', `This runner is ${state}`) };
    state = 'starting';
    try {
      // The front, of which nobody knows yet, listens while the app comes up.
      const [started, front] = await Promise.all([inTime(parts.startApp(spec), spec), openFront(spec)]);
      app = started;
      watched = watchApp(started, (line) => parts.log('platform', line));
      void started.exited.then(ended);
      server = front;
      if (state === 'starting') state = 'serving';
      parts.log('platform', `version ${spec.version} serves (generation ${spec.generation})`);
      return { reply: { reply: 'ok', endpoint: server.endpoint } };
    } catch (error) {
      const message = parts.redact(messageOf(error));
      parts.log('platform', `version ${spec.version} did not start: ${message}`);
      // An empty runner is of no use to anybody, and its supervisor may be gone.
      return { reply: failure('start_failed', message), afterwards: () => parts.exit(1) };
    }
  }

  function openFront(spec: RunnerSpec): Promise<AppServer> {
    return serveApp({
      runnerKey: spec.runner_key,
      version: spec.version,
      serve: (request, response) => (app === null ? response.destroy() : app.serve(request, response)),
      get upgrade() {
        return app?.upgrade?.bind(app);
      },
    });
  }

  /** Whoever watches the process learns of the app's end by its exit code. */
  function ended({ code, reason }: AppExit): void {
    if (state === 'stopping') return;
    parts.log('platform', `the app ended by itself: ${reason}`);
    parts.exit(code ?? 1);
  }

  /** What is still open when the grace is over is the app's to end: it may say goodbye. */
  async function finish(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs;
    const drained = server?.close(graceMs === 0 ? 0 : graceMs + GOODBYE_MS);
    await Promise.race([drained, wait(graceMs, undefined, { ref: false })]);
    await app?.stop(graceMs === 0 ? 0 : Math.max(1, deadline - Date.now()));
    await drained;
  }

  function stop(graceMs: number, reason: string): void {
    if (state === 'stopping') return;
    state = 'stopping';
    parts.log('platform', `stopping: ${reason}`);
    finish(graceMs).then(
      () => parts.exit(0),
      (error: unknown) => {
        parts.log('platform', `stopping went wrong: ${error instanceof Error ? error.stack : String(error)}`);
        parts.exit(1);
      },
    );
  }

  /** How the app says that it does may repeat what it was given. */
  async function healthNow(): Promise<{ readonly ok: boolean; readonly reason: string | null }> {
    const { ok, reason } = await (watched?.health() ?? WELL);
    return { ok, reason: reason === null ? null : parts.redact(reason) };
  }

  /** Ends the process whatever comes of it; the reply says whether all is gone that running the app has made. */
  async function purge(graceMs: number): Promise<ControlAnswer> {
    state = 'stopping';
    parts.log('platform', 'stopping: the app is purged');
    try {
      await server?.close(graceMs);
      await app?.purge();
      return { reply: { reply: 'ok', endpoint: null }, afterwards: () => parts.exit(0) };
    } catch (error) {
      const message = parts.redact(messageOf(error));
      parts.log('platform', `purging went wrong: ${message}`);
      return { reply: failure('purge_failed', message), afterwards: () => parts.exit(1) };
    }
  }

  return {
    stop,
    async handle(command) {
      switch (command.cmd) {
        case 'ping':
          return {
            reply: { reply: 'pong', protocol: CONTROL_PROTOCOL, nonce: parts.nonce, pid: process.pid },
          };
        case 'health':
          return {
            reply: {
              reply: 'health',
              state: state === 'starting' ? 'empty' : state,
              ...(state === 'stopping' ? STOPPING : await healthNow()),
              stats: { ...watched?.stats(), ...server?.stats() },
              endpoint: server?.endpoint ?? null,
              denied: parts.denied(),
            },
          };
        case 'deploy':
          return deploy(command.spec);
        case 'grant':
          if (state === 'empty') return { reply: failure('not_deployed', 'This runner has no app') };
          parts.setGrant(command.grant, command.node);
          return { reply: { reply: 'ok', endpoint: server?.endpoint ?? null } };
        case 'stop':
          stop(command.grace_ms, 'asked to');
          return { reply: { reply: 'ok', endpoint: null } };
        case 'purge':
          return purge(command.grace_ms ?? 0);
        case 'shutdown':
          return { reply: { reply: 'ok', endpoint: null }, afterwards: () => parts.exit(0) };
        default:
          return { reply: failure('command_unknown', 'The runner knows no such command') };
      }
    },
  };
}

function failure(code: string, message: string): ControlReply {
  return { reply: 'err', code, message };
}

/** Who started it waits no longer than that; a moment earlier it is said here, in the app's log too, what it waits for. */
async function inTime(starting: Promise<RunningApp>, { settings }: RunnerSpec): Promise<RunningApp> {
  const patienceMs = settings.health_timeout_sec * 1000;
  if (!Number.isFinite(patienceMs)) return starting; // whoever asks by hand says what he likes
  const ms = Math.max(patienceMs - REPLY_MS, REPLY_MS / 2);
  const { promise: late, reject } = Promise.withResolvers<never>();
  const seconds = Math.round(ms / 100) / 10;
  const timer = setTimeout(
    () => reject(new Error(`it was not ready within ${seconds} s: ${STILL_WAITS}`)),
    ms,
  );
  try {
    return await Promise.race([starting, late]);
  } finally {
    clearTimeout(timer);
  }
}
