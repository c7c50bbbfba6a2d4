import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderStore, putTree } from '../../artifacts/index.ts';
import { reachOf, silentLogger } from '../../kit/index.ts';
import { RUNNER_KEY_HEADER } from '../../runner/index.ts';
import { lendPrograms } from '../../runner/testing/index.ts';
import type { RuntimesHere } from '../../runtimes/index.ts';
import { type Assignment, type WakeReply, wakeReply } from '../protocol.ts';
import { runnerRecord } from '../runner-record.ts';
import { type Supervisor, type SupervisorOptions, startSupervisor } from '../supervisor.ts';
import { assignmentOf } from './assignment.ts';
import { type FakeNode, startFakeNode } from './fake-node.ts';

type HostOptions = Pick<
  Partial<SupervisorOptions>,
  'gatewayUrl' | 'drainMs' | 'warmHosts' | 'clock' | 'ticker' | 'runnerEntry' | 'hook' | 'describe'
>;

/** A machine without boxes: whether there are some is not asked anew for each supervisor of a test. */
const WASM_ALONE: RuntimesHere = {
  runtimes: [
    {
      kind: 'wasm-http',
      isolation: 'wasm-bare',
      limits: { memory: 'enforced', fuel: 'enforced', cpu: 'unsupported' },
    },
  ],
  refused: [],
};

/** A host under test: a home, a node to listen to, supervisors on demand. Nothing of it outlives `close`. */
export interface TestHost {
  readonly home: string;
  readonly node: FakeNode;
  start(options?: HostOptions): Promise<Supervisor>;
  /** An assignment of the artifact of `examples/tiny`. */
  assignment(app: string, generation: number, changes?: Partial<Assignment>): Assignment;
  call(supervisor: Supervisor, method: string, path: string): Promise<Response>;
  /** Wakes an app that must come up. */
  wake(supervisor: Supervisor, app: string): Promise<WakeReply>;
  /** Asks an app for a path as the node would. */
  visit(at: Pick<WakeReply, 'endpoint' | 'runner_key'>, path?: string, init?: RequestInit): Promise<Response>;
  /** Kills what runs and removes the home. */
  close(): Promise<void>;
}

/** @param artifact folder of the artifact every app of this host runs */
export async function openTestHost(artifact: string): Promise<TestHost> {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-host-'));
  const node = await startFakeNode();
  const store = await openFolderStore(join(home, 'objects'));
  const prefix = 'artifacts/tiny';
  const { digest } = await putTree(store, prefix, artifact);
  const supervisors: Supervisor[] = [];
  const name = 'test';

  const host: TestHost = {
    home,
    node,
    async start(options = {}) {
      const { url: nodeUrl, ownerKey } = node;
      const bind = { host: '127.0.0.1', port: 0 };
      const logger = silentLogger();
      const describe = async () => WASM_ALONE;
      const parts = { home, name, nodeUrl, ownerKey, bind, store, logger, describe };
      await lendPrograms(home, options.runnerEntry);
      const made = await startSupervisor({ ...parts, ...options });
      supervisors.push(made);
      return made;
    },
    assignment: (app, generation, changes = {}) =>
      assignmentOf(app, generation, { digest, artifact_prefix: prefix, ...changes }),
    call(supervisor, method, path) {
      const key = node.presence()?.control_key ?? '';
      return fetch(`${supervisor.url}${path}`, { method, headers: { authorization: `Bearer ${key}` } });
    },
    async wake(supervisor, app) {
      const reply = await host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
      if (reply.status !== 200) throw new Error(`wake: ${reply.status} ${await reply.text()}`);
      return wakeReply.parse(await reply.json());
    },
    visit: (at, path = '/', init = {}) =>
      fetch(`${reachOf(at.endpoint).origin}${path}`, {
        ...init,
        headers: { ...init.headers, [RUNNER_KEY_HEADER]: at.runner_key },
      }),
    async close() {
      await Promise.all(supervisors.map((supervisor) => supervisor.close().catch(() => {})));
      for (const pid of runnerPids(home)) killQuietly(pid);
      await node.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  return host;
}

/** A fresh app id. */
export function newApp(): string {
  return randomUUID();
}

/** Every process whose command line names this home: its runners, recorded or not. */
export function runnerPids(home: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--home=${home}`);
    } catch {
      return false; // it ended while we looked
    }
  });
}

/** The record of an app's primary runner; null when there is none. */
export function primaryRecord(home: string, app: string) {
  try {
    return runnerRecord.parse(JSON.parse(readFileSync(join(home, 'runners', `${app}.json`), 'utf8')));
  } catch {
    return null;
  }
}

/** Makes the record of an app's runner one from before this machine was started. */
export function beforeTheMachine(home: string, app: string): void {
  const record = { ...primaryRecord(home, app), started_at: '2001-01-01T00:00:00.000Z' };
  writeFileSync(join(home, 'runners', `${app}.json`), JSON.stringify(record), { mode: 0o600 });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}
