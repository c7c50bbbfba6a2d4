/**
 * The program of a runner: a detached process that serves exactly one app and outlives the office.
 * Everything heavy comes in with `deploy`; what stands here decides how long a cold start takes.
 */
import { closeSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { yieldMemoryToOthers } from '../kit/index.ts';
import { parseRunnerArguments } from './arguments.ts';
import { serveControl } from './control-server.ts';
import { createLogWriter } from './log-writer.ts';
import type { RunnerSpec } from './protocol.ts';
import { logPath } from './record-paths.ts';
import { findRecord } from './record-watch.ts';
import { createRunner } from './runner.ts';

/** Milliseconds a new runner waits for its record, and for its app; only a supervisor that died leaves it longer. */
const UNRECORDED_TIMEOUT_MS = 8_000;
const EMPTY_TIMEOUT_MS = 30_000;
const RECORD_CHECK_MS = 3_000;
/** Milliseconds that requests under way get when the runner ends by itself. */
const GRACE_MS = 10_000;
/** Milliseconds that a runner whose place was taken goes on serving: the node may still hold its address (CONTRACTS §8). */
const SUPERSEDED_MS = 10_000;
const STDOUT = 1;

process.umask(0o077);
yieldMemoryToOthers();
// Functions of a component are validated when they are first called, not all of them at the start: measured 45 → 10 ms
// for the 16 MB of a TypeScript app. Set here, because as an argument of node it voids the code cache of node itself.
setFlagsFromString('--wasm-lazy-validation');
const identity = parseRunnerArguments(process.argv.slice(2));
const log = createLogWriter({
  fd: STDOUT,
  path: logPath(identity.home, identity.app),
  generation: identity.generation,
});
process.on('uncaughtException', (error) => {
  log('platform', `the runner failed: ${error instanceof Error ? error.stack : String(error)}`);
  process.exit(70); // EX_SOFTWARE of sysexits.h
});

const runner = createRunner({ nonce: identity.nonce, startApp, log, exit: (code) => process.exit(code) });
process.on('SIGTERM', () => runner.stop(GRACE_MS, 'SIGTERM'));
process.on('SIGINT', () => runner.stop(GRACE_MS, 'SIGINT'));

await serveControl(identity.socket, (command) => runner.handle(command));
announceReady();
const runtimes = import('../runtimes/index.ts'); // in the time the supervisor takes to send the spec
watchRecord();

async function startApp(spec: RunnerSpec) {
  const { runtimeOf } = await runtimes;
  const runtime = await runtimeOf(spec.runtime);
  const app = await runtime.start({
    artifactDir: spec.artifact_dir,
    env: spec.env,
    memoryMb: spec.settings.memory_mb,
    fuelPerRequest: spec.settings.fuel_per_request,
    isolation: spec.settings.isolation,
    log,
  });
  // A runner may be killed at any moment; what it compiled shortens the next start all the same.
  setTimeout(() => flushCompileCache(), 2_000).unref();
  return app;
}

function announceReady(): void {
  try {
    writeSync(identity.readyFd, 'ready\n');
    closeSync(identity.readyFd);
  } catch (error) {
    log('platform', `nobody waits for this runner: ${String(error)}`);
  }
}

/** Ends a runner that nobody would find any more, however its supervisor was killed. */
function watchRecord(): void {
  const startedAt = Date.now();
  let supersededAt: number | null = null;
  const look = async (): Promise<void> => {
    const finding = await findRecord(identity);
    if (finding === 'home_gone') return runner.stop(0, 'the home has vanished');
    if (runner.isEmpty()) {
      const patience = finding === 'own' ? EMPTY_TIMEOUT_MS : UNRECORDED_TIMEOUT_MS;
      if (Date.now() - startedAt > patience) runner.stop(0, 'no app was handed over');
      return;
    }
    if (finding === 'missing') return runner.stop(GRACE_MS, 'the record has vanished');
    supersededAt = finding === 'superseded' ? (supersededAt ?? Date.now()) : null;
    if (supersededAt !== null && Date.now() - supersededAt >= SUPERSEDED_MS) {
      runner.stop(GRACE_MS, 'another runner took its place');
    }
  };
  setInterval(() => void look(), RECORD_CHECK_MS);
}
