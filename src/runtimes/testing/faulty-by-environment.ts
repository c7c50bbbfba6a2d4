import { writeSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunningApp, Runtime } from '../runtime.ts';
import { type Faults, faultyRuntime } from './faulty-runtime.ts';

/** What the environment of an app says of its runtime. */
export interface FaultsInEnvironment {
  /** `Faults` as JSON. */
  readonly FAULTS?: string;
  /** Folder in which the runtime keeps what belongs to the app. */
  readonly SCRATCH: string;
}

/**
 * The runtime with faults for a process of its own, which must be none of the tests'. Besides the routes of `faultyRuntime` its apps
 * have these: `/freeze` blocks the process for good · `/signal/NAME` ends it · `/hoard` takes memory until there is no more.
 */
export const faultyByEnvironment: Runtime = {
  kind: 'wasm-http',
  isolation: 'wasm-bare',
  limits: { memory: 'best_effort', fuel: 'enforced', cpu: 'best_effort' },
  async start(spec) {
    const { FAULTS = '{}', SCRATCH } = spec.env as unknown as FaultsInEnvironment;
    const { runtime } = await faultyRuntime(JSON.parse(FAULTS) as Faults, SCRATCH);
    const app = await runtime.start(spec);
    return withProcessFaults(app);
  },
};

function withProcessFaults(app: RunningApp): RunningApp {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const [, route, argument] = /^\/([a-z]*)\/?([^/]*)$/.exec(request.url ?? '/') ?? [];
    if (route === 'freeze') {
      writeSync(1, 'freezing\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    } else if (route === 'signal') {
      process.kill(process.pid, argument as NodeJS.Signals);
    } else if (route === 'hoard') {
      setImmediate(hoard); // nobody catches what it throws
    } else {
      app.serve(request, response);
    }
  };
  return {
    exited: app.exited,
    serve,
    health: (signal) => app.health(signal),
    stats: () => app.stats(),
    stop: (graceMs) => app.stop(graceMs),
    purge: () => app.purge(),
  };
}

function hoard(): void {
  const held: Buffer[] = [];
  for (;;) held.push(Buffer.alloc(64 << 20));
}
