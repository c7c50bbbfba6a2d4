import { rmSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { type AppGrant, NO_GRANT } from '../app/index.ts';
import { createAppApi } from '../data/index.ts';
import { createAppCalls, grantedHosts, openChannel } from '../egress/index.ts';
import { messageOf, systemClock, yieldMemoryToOthers } from '../kit/index.ts';
import type { Prepared, Runtime, RuntimePlace } from '../runtimes/index.ts';
import { expectBox } from '../sandbox/index.ts';
import { appDataOf } from './app-data.ts';
import { appSecretsOf } from './app-secrets.ts';
import { parseRunnerArguments } from './arguments.ts';
import { serveControl } from './control-server.ts';
import { countDenials } from './denied-hosts.ts';
import { formatLogLine, type LogOrigin } from './log-line.ts';
import { createLogWriter } from './log-writer.ts';
import type { RunnerSpec } from './protocol.ts';
import { logPath } from './record-paths.ts';
import { findRecord, hasVanished, type RecordOwner } from './record-watch.ts';
import { NOTHING_TO_HIDE } from './redact.ts';
import { rehearse } from './rehearse.ts';
import { createRunner } from './runner.ts';
import { takeOutput } from './take-output.ts';

const RECORD_CHECK_MS = 3_000;
/** Milliseconds in which the record of a new app must have been saved; only a supervisor that died takes longer. */
const UNRECORDED_TIMEOUT_MS = 8_000;
/** Milliseconds that requests under way get when the runner ends by itself. */
const GRACE_MS = 10_000;
/** Milliseconds that a runner whose place was taken goes on serving: the node may still hold its address (CONTRACTS §8). */
const SUPERSEDED_MS = 10_000;
const STDOUT = 1;
const STDERR = 2;

/** Where the code of the runtimes comes from. */
export interface RuntimeCode {
  /** The way to each of them. */
  load(): Promise<(kind: Runtime['kind']) => Promise<Runtime>>;
  /** Loads the code of all of them, for a process that does not know yet which one it will need. */
  preload?(): Promise<void>;
}

/**
 * The program of a runner: a detached process that serves exactly one app and outlives the office. It starts as an empty
 * host and gets its app with `deploy`, at once or after a while in the supervisor's pool.
 * What stands here decides how long a cold start takes: what the app needs besides this process, its box above all, is begun first, and what
 * this process needs itself is done while others build that.
 */
export async function runRunner(code: RuntimeCode): Promise<void> {
  process.umask(0o077);
  yieldMemoryToOthers();
  const identity = parseRunnerArguments(process.argv.slice(2));
  if (identity.prepare !== null) expectBox({ home: identity.home }, identity.groupsWork);
  const place: RuntimePlace = {
    home: identity.home,
    sockets: dirname(identity.socket),
    programs: dirname(process.argv[1] ?? '/'),
  };
  let owner: RecordOwner | null = null;
  let assignedAt = 0;
  let write = beforeTheApp;
  let redactor = NOTHING_TO_HIDE;
  const log = (origin: LogOrigin, line: string): void => write(origin, redactor.line(origin, line));
  process.on('uncaughtException', (error) => {
    log('platform', `the runner failed: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(70); // EX_SOFTWARE of sysexits.h
  });

  const policy = grantedHosts();
  const calls = createAppCalls();
  const denials = countDenials();
  const runner = createRunner({
    ...{ nonce: identity.nonce, startApp, log, exit, denied: denials.list },
    setGrant: mayDo,
    redact: (text) => redactor.text(text),
  });
  process.on('SIGTERM', () => runner.stop(GRACE_MS, 'SIGTERM'));
  process.on('SIGINT', () => runner.stop(GRACE_MS, 'SIGINT'));

  const runtimes = code.load();
  const prepared = prepare();
  if (identity.memoryMb !== null) await prepared; // others are at work for the app then
  await serveControl(identity.socket, (command) => runner.handle(command));
  const supervisor = watchSupervisor();
  watchRecord();
  // In the time the supervisor takes to send the app, or in which the host waits for one.
  if (identity.memoryMb === null) void code.preload?.().catch(() => {}); // told by the start that needs it
  void prepared.then((it) => it && rehearse(it)).catch(() => {}); // all it does is save time

  async function startApp(spec: RunnerSpec) {
    mayDo(spec.grant ?? NO_GRANT, spec.node);
    owner = { ...identity, app: spec.app, generation: spec.generation };
    assignedAt = Date.now();
    supervisor.end('taken\n'); // from here on the record decides
    const path = logPath(identity.home, spec.app);
    takeOutput(path);
    write = createLogWriter({ fd: STDOUT, path, generation: spec.generation });
    const secrets = appSecretsOf(spec);
    redactor = secrets.redactor;
    const runtimeOf = await runtimes;
    const runtime = await runtimeOf(spec.runtime);
    const data = appDataOf(spec, place);
    const hasFiles = data !== null && spec.runtime === 'wasm-http'; // a worker has none (CONTRACTS §9)
    const app = await runtime.start({
      prepared: await prepared,
      wall: spec.wall,
      canWait: spec.can_wait ?? false,
      artifactDir: spec.artifact_dir,
      env: secrets.env,
      secretFiles: secrets.secretFiles,
      hidesErrors: (spec.secrets?.length ?? 0) > 0,
      memoryMb: spec.settings.memory_mb,
      fuelPerRequest: spec.settings.fuel_per_request,
      isolation: spec.settings.isolation,
      channel: openChannel({
        policy,
        platform: createAppApi(data, hasFiles),
        calls: calls.serve,
        say: (line) => log('platform', line),
        onDenied: denials.count,
        clock: systemClock,
      }),
      hasFiles,
      place,
      log,
    });
    // A runner may be killed at any moment; what it compiled shortens the next start all the same.
    setTimeout(() => flushCompileCache(), 2_000).unref();
    return app;
  }

  function mayDo({ http, apps, call_key: key }: AppGrant, node: string | undefined): void {
    calls.route(key === undefined || node === undefined ? null : { node, key });
    policy.set(http, apps);
  }

  /** Whatever keeps it from being ready is met again, and told, by the start that would have used it. */
  async function prepare(): Promise<Prepared | null> {
    if (identity.prepare === null) return null;
    try {
      const runtimeOf = await runtimes;
      const runtime = await runtimeOf(identity.prepare);
      return (await runtime.prepare?.(place, identity)) ?? null;
    } catch (error) {
      log('platform', `not prepared for ${identity.prepare}: ${messageOf(error)}`);
      return null;
    }
  }

  async function giveUpPrepared(): Promise<void> {
    await (await prepared)?.dispose();
  }

  /** What is said before the app is known goes where this process was started to print to, if anywhere. */
  function beforeTheApp(origin: LogOrigin, line: string): void {
    try {
      writeSync(STDERR, formatLogLine({ time: new Date().toISOString(), origin, line, generation: null }));
    } catch {
      // nobody listens
    }
  }

  /** Says that commands are taken. A host that has no app when its supervisor goes ends at once: nobody would find it. */
  function watchSupervisor(): Socket {
    const socket = new Socket({ fd: identity.readyFd, readable: true, writable: true });
    const gone = (): void => {
      if (owner === null) void giveUpPrepared().finally(() => runner.stop(0, 'its supervisor is gone'));
    };
    socket.on('error', gone).on('close', gone).resume();
    socket.write('ready\n');
    return socket;
  }

  /** Ends a runner that nobody would find any more, however its supervisor was killed. */
  function watchRecord(): void {
    let wasRecorded = false;
    let supersededAt: number | null = null;
    const look = async (): Promise<void> => {
      if (owner === null) {
        if (await hasVanished(identity.home)) runner.stop(0, 'the home has vanished');
        return;
      }
      const finding = await findRecord(owner);
      if (finding === 'home_gone') return runner.stop(0, 'the home has vanished');
      wasRecorded ||= finding !== 'missing';
      const isTooLate = wasRecorded || Date.now() - assignedAt >= UNRECORDED_TIMEOUT_MS;
      if (finding === 'missing' && isTooLate) return runner.stop(GRACE_MS, 'the record has vanished');
      supersededAt = finding === 'superseded' ? (supersededAt ?? Date.now()) : null;
      if (supersededAt !== null && Date.now() - supersededAt >= SUPERSEDED_MS) {
        runner.stop(GRACE_MS, 'another runner took its place');
      }
    };
    setInterval(() => void look(), RECORD_CHECK_MS);
  }

  function exit(code: number): never {
    if (owner === null) rmSync(identity.socket, { force: true }); // no record leads anybody to it
    process.exit(code);
  }
}
