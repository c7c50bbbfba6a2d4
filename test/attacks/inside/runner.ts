import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../../../src/kit/index.ts';
import {
  bundleRunner,
  type ControlReply,
  logPath,
  RUNNER_KEY_HEADER,
  type RunnerBundle,
  type RunnerSpec,
  runnerArguments,
  sendControl,
} from '../../../src/runner/index.ts';
import { lendPrograms } from '../../../src/runner/testing/index.ts';
import type { World } from '../world.ts';
import type { Inside } from './inside.ts';

/** Milliseconds after which a visitor goes away. */
const VISIT_MS = 5_000;

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname;

/** Starts runners of the world's office, each of them as its supervisor would. */
export interface Runners {
  /**
   * @param fixture file name of the app's module among the fixtures
   * @throws when the app does not start; `settle: false` only starts it and does not wait
   */
  start(fixture: string, options?: StartOptions): Promise<RunnerProcess>;
  /** An empty runner, and the command that gives it its app. */
  startEmpty(fixture: string): Promise<{ readonly child: ChildProcess; deploy(): Promise<ControlReply> }>;
}

interface StartOptions {
  readonly memoryMb?: number;
  /** MiB of data that it may keep; missing: it keeps none. */
  readonly dataMb?: number;
  /** Default: `worker`. Of `wasm-http` the fixture is the glue, of a component without a core. */
  readonly runtime?: 'worker' | 'wasm-http';
}

/** A runner with an app in it. */
export interface AttackedRunner extends Inside {
  /** Its front: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** What its front is opened with. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is in the app's log. */
  log(): Promise<string>;
  /** The answer of its control socket. */
  health(): Promise<ControlReply>;
  /** Milliseconds a visitor waits for `/`. @throws when the answer is not 200 */
  visit(): Promise<number>;
}

/** A real one. */
export interface RunnerProcess extends AttackedRunner {
  readonly child: ChildProcess;
}

/** Lays the programs down, once. */
export async function openRunners(world: World): Promise<Runners> {
  await lendPrograms(world.home);
  const bundle = await bundleRunner({ home: world.home });
  await mkdir(join(world.home, 'runners'), { recursive: true });
  let count = 0;

  async function startEmpty(fixture: string, runtime: RunnerSpec['runtime'] = 'worker') {
    count += 1;
    const socket = join(world.sockets, `r${count}.sock`);
    const app = randomUUID();
    const artifactDir = await writeArtifact(world.home, app, fixture, runtime);
    const child = startRunner(bundle, world.home, socket);
    await once(child.stdio[3] as NodeJS.EventEmitter, 'data');
    const spec: RunnerSpec = {
      app,
      version: 1,
      generation: 1,
      runtime,
      wall: runtime === 'worker' ? 'process' : 'wasm',
      settings: {
        ...{ memory_mb: 128, fuel_per_request: 1e9, isolation: 'pool', health_timeout_sec: 30 },
      } as RunnerSpec['settings'],
      env: { GREETING: 'hello' },
      artifact_dir: artifactDir,
      runner_key: `key-${app}`,
    };
    await writeFile(
      join(world.home, `runners/${app}.json`),
      JSON.stringify({ ...spec, pid: child.pid, socket }),
    );
    return { app, child, socket, spec, deploy: () => sendControl(socket, { cmd: 'deploy', spec }, 20_000) };
  }

  return {
    startEmpty,
    async start(fixture, options = {}) {
      const { app, child, socket, spec } = await startEmpty(fixture, options.runtime);
      const { memoryMb = 128, dataMb } = options;
      const settings = {
        ...spec.settings,
        memory_mb: memoryMb,
        ...(dataMb === undefined ? {} : { data_mb: dataMb }),
      };
      const reply = await sendControl(socket, { cmd: 'deploy', spec: { ...spec, settings } }, 20_000);
      if (reply.reply !== 'ok' || reply.endpoint === null) {
        child.kill('SIGKILL');
        throw new Error(`the app did not start: ${JSON.stringify(reply)}`);
      }
      const url = String(reply.endpoint);
      const headers = { [RUNNER_KEY_HEADER]: spec.runner_key };
      const isAlive = () => child.exitCode === null && child.signalCode === null;
      return {
        child,
        url,
        headers,
        isAlive,
        log: () => readFile(logPath(world.home, app), 'utf8').catch(() => ''),
        health: () => sendControl(socket, { cmd: 'health' }, 5_000),
        async visit() {
          const started = performance.now();
          const answer = await fetch(`${url}/`, { headers, signal: AbortSignal.timeout(VISIT_MS) });
          await answer.text();
          if (answer.status !== 200) throw new Error(`a neighbour answered ${answer.status}`);
          return performance.now() - started;
        },
        async attack(code, targets, deadlineMs) {
          try {
            const answer = await fetch(`${url}/attack`, {
              method: 'POST',
              headers,
              body: JSON.stringify({ code, targets }),
              signal: AbortSignal.timeout(deadlineMs),
            });
            const text = await answer.text();
            return answer.status === 200 ? text : null;
          } catch {
            return null;
          }
        },
        async [Symbol.asyncDispose]() {
          if (!isAlive()) return;
          const gone = once(child, 'exit');
          child.kill('SIGTERM');
          const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
          await gone;
          clearTimeout(late);
        },
      };
    },
  };
}

function startRunner(bundle: RunnerBundle, home: string, socket: string): ChildProcess {
  const identity = {
    ...{ home, nonce: randomUUID(), socket, readyFd: 3, prepare: null, memoryMb: null },
    canWait: false,
    groupsWork: false,
  };
  return startChild(bundle.nodePath, [bundle.mainPath, ...runnerArguments(identity)], {
    env: { NODE_COMPILE_CACHE: bundle.cachePath },
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    detached: true,
  });
}

/** What the builder makes of a module that needs no bundling, or of a component that does nothing. */
async function writeArtifact(
  home: string,
  app: string,
  fixture: string,
  kind: RunnerSpec['runtime'],
): Promise<string> {
  const folder = join(home, 'artifacts', app);
  await mkdir(folder, { recursive: true });
  await copyFile(join(FIXTURES, fixture), join(folder, 'app.mjs'));
  if (kind === 'wasm-http') {
    await writeFile(join(folder, 'app.core.wasm'), Buffer.from('\0asm\x01\0\0\0', 'latin1'));
    const component = {
      ...{ format: 1, kind, glue: 'app.mjs', cores: ['app.core.wasm'] },
      ...{ mutableGlobals: {}, handler: 'wasi:http/incoming-handler@0.2.0' },
    };
    await writeFile(join(folder, 'artifact.json'), JSON.stringify(component));
    return folder;
  }
  const map = { version: 3, sources: [], names: [], mappings: '' };
  await writeFile(join(folder, 'app.mjs.map'), JSON.stringify(map));
  const record = { format: 1, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' };
  await writeFile(join(folder, 'artifact.json'), JSON.stringify(record));
  return folder;
}
