import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../src/kit/index.ts';
import {
  RUNNER_KEY_HEADER,
  type RunnerBundle,
  type RunnerSpec,
  runnerArguments,
  sendControl,
} from '../src/runner/index.ts';

/** A runner with a worker in it, started as its supervisor would; disposing ends it. */
export interface WorkerRunner extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** `name: value`, without which its front answers nothing. */
  readonly key: string;
}

/** @param home `TABBIFY_HOME`, of a short path: sockets lie in it */
export async function startWorker(
  home: string,
  bundle: RunnerBundle,
  artifactDir: string,
): Promise<WorkerRunner> {
  const app = randomUUID();
  const sockets = join(home, 's');
  const socket = join(sockets, `${app.slice(0, 8)}.sock`);
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  await mkdir(join(home, 'runners'), { recursive: true });
  const identity = {
    ...{ home, nonce: randomUUID(), socket, readyFd: 3, prepare: null, memoryMb: null },
    canWait: false,
    groupsWork: false,
  };
  const child = startChild(bundle.nodePath, [bundle.mainPath, ...runnerArguments(identity)], {
    env: { NODE_COMPILE_CACHE: bundle.cachePath },
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    detached: true,
  });
  await once(child.stdio[3] as NodeJS.EventEmitter, 'data');
  const spec: RunnerSpec = {
    app,
    version: 1,
    generation: 1,
    runtime: 'worker',
    wall: 'process',
    settings: { memory_mb: 256, fuel_per_request: 1, isolation: 'pool' } as RunnerSpec['settings'],
    env: { GREETING: 'Hello' },
    artifact_dir: artifactDir,
    runner_key: randomUUID(),
  };
  await writeFile(join(home, `runners/${app}.json`), JSON.stringify({ ...spec, nonce: identity.nonce }));
  const reply = await sendControl(socket, { cmd: 'deploy', spec }, 30_000);
  if (reply.reply !== 'ok' || reply.endpoint === null) {
    child.kill('SIGKILL');
    throw new Error(`the worker did not start: ${JSON.stringify(reply)}`);
  }
  return {
    pid: child.pid ?? 0,
    url: `${reply.endpoint}/`,
    key: `${RUNNER_KEY_HEADER}: ${spec.runner_key}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
