import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appUla } from '../../app/index.ts';
import { DEFAULT_POLICY } from '../../approvals/index.ts';
import { openFolderStore, putTree, versionPrefix } from '../../artifacts/index.ts';
import { newId, silentLogger, systemClock } from '../../kit/index.ts';
import { openSqliteLog, type StoredEvent } from '../../log/index.ts';
import {
  type AssignmentState,
  type DeployTarget,
  type DomainEvents,
  type DomainEventType,
  domainEvent,
  isOpenPhase,
  type RunSettings,
} from '../../state/index.ts';
import type { Presence } from '../../supervisor/index.ts';
import { createCommandQueue } from '../commands/command-queue.ts';
import { startDeployer } from '../deploys/deployer.ts';
import { createProgress } from '../deploys/progress.ts';
import { isSettled } from '../deploys/settle-app.ts';
import { followState } from '../live-state.ts';
import { createPresences } from '../supervisors/presences.ts';
import { SETTINGS } from './placed-app.ts';

const USER = { actor: 'user:owner', source: '/node' } as const;
const hostCalled = (name: string) => ({ actor: `supervisor:${name}`, source: `/supervisors/${name}` });

/** A host that says more of itself than its name: it is there, with these. */
export type PresentHost = { readonly name: string } & Pick<Presence, 'tags' | 'runtimes' | 'refused'>;

/** Is a deployer cut off at this point? */
export type CutAt = (point: string) => boolean;

/** A log, a store and a host, on which deployers start and are cut off: no node around them. */
export type DeployingOffice = Awaited<ReturnType<typeof openDeployingOffice>>;

/**
 * @param files of every version that is published
 * @param hosts names of the supervisors, which run wasm-http and are not there; or what they say of themselves
 */
export async function openDeployingOffice(
  files: Readonly<Record<string, string | Uint8Array>>,
  hosts: readonly (string | PresentHost)[] = ['local'],
) {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-deploys-'));
  const logger = silentLogger();
  const log = await openSqliteLog({ file: join(home, 'log.db'), logger });
  const store = await openFolderStore(join(home, 'objects'));
  const say = <Type extends DomainEventType>(type: Type, data: DomainEvents[Type], by?: string) => {
    const context =
      by === undefined ? { ...USER, supervisor: 'local' } : { ...hostCalled(by), supervisor: by };
    return log.append(domainEvent(type, data, context));
  };
  const present = hosts.filter((host) => typeof host !== 'string');
  for (const host of hosts) {
    const { name, tags } = typeof host === 'string' ? { name: host, tags: ['wasm-http'] } : host;
    await say('supervisor_joined', { name, tags });
  }
  /** Nothing that is tried here has to be approved. */
  async function mayBeAnywhere(app: string) {
    const approval = newId();
    const difference = '0'.repeat(64);
    const added = hosts.map((host) => `host:${typeof host === 'string' ? host : host.name}`);
    await say('approval_requested', {
      ...{ approval_id: approval, kind: 'capability', app, added, widened: [], removed: [], difference },
      ...{ deployment_id: null, version: null, digest: null, command: null, policy: null, persons: 1 },
      ...{ reasons: [], doubts: [], requested_by: 'user:owner', expires_at: '2100-01-01T00:00:00Z' },
    });
    await say('approval_granted', { approval_id: approval, difference, once: false, complete: true });
  }
  /** Versions whose start fails, on every host (`2`) or on one (`2 on far`). */
  const broken = new Set<string>();
  /** As `broken`: the host does not answer. */
  const silent = new Set<string>();

  /**
   * A deployer on this log, as a node has it, with a host that answers whatever it is given.
   *
   * @param cutAt a point at which it ends as a killed process does: nothing after it happens
   */
  async function start(cutAt?: CutAt) {
    const cut = new AbortController();
    const live = await followState(log, logger);
    const commands = createCommandQueue(log, live);
    const answer = async ({ data }: StoredEvent) => {
      const { app, generation, version, supervisor } = data as unknown as DomainEvents['app_assigned'];
      if (live.office.apps.get(app)?.placements.get(supervisor)?.assignment.generation !== generation) return;
      const isOf = (set: Set<string>) => set.has(`${version}`) || set.has(`${version} on ${supervisor}`);
      if (isOf(silent)) return;
      if (!isOf(broken)) {
        return say('assignment_applied', { app, generation, outcome: 'running' }, supervisor);
      }
      const failed = { app, generation, stage: 'health', reason: 'it answered 500', log_tail: ['boom'] };
      return say('assignment_failed', failed, supervisor);
    };
    const purge = (app: string, { supervisor, generation, purgePosition }: AssignmentState) =>
      say('app_purged', { app, generation, purge_position: purgePosition }, supervisor);
    const answers: Promise<unknown>[] = [];
    live.onEvent((event) => {
      if (event.type === 'app_assigned') answers.push(answer(event));
      if (event.type !== 'app_purge_requested') return;
      const { app, supervisor } = event.data as unknown as DomainEvents['app_purge_requested'];
      const assignment = live.office.apps.get(app)?.placements.get(supervisor)?.assignment;
      if (assignment !== undefined) answers.push(purge(app, assignment));
    });
    const presences = createPresences(systemClock);
    const announce = ({ name, ...rest }: PresentHost) =>
      presences.announce(name, { ...rest, url: 'http://127.0.0.1:1', control_key: 'k'.repeat(32) });
    for (const host of present) announce(host);
    const tools = {
      ...{ home, store, live, commands, logger, clock: systemClock },
      presences,
      supervisors: { look: async () => {} },
      policyOf: () => DEFAULT_POLICY,
      progress: createProgress(live),
      ...(silent.size > 0 && { waits: { graceMs: 60_000, awayMs: 60, everyMs: 20 } }),
    };
    const hook = (point: string) => {
      if (!cutAt?.(point)) return;
      cut.abort();
      void deployer.close();
      throw new Error(`cut off ${point}`);
    };
    const deployer = startDeployer({ ...tools, hook });
    // what the hosts were told while no deployer ran
    for (const { uuid, placements } of live.office.apps.values()) {
      for (const { assignment } of placements.values()) {
        const { generation, version, supervisor, outcome } = assignment;
        const data = { app: uuid, generation, version, supervisor };
        if (outcome === null) answers.push(answer({ data } as unknown as StoredEvent));
        if (assignment.purgePosition > 0) answers.push(purge(uuid, assignment));
      }
    }
    return {
      live,
      commands,
      /** The host says something else of itself, to this deployer. */
      announce,
      /** Resolves with true when no deployment is open and every app is where it belongs; false when it was cut off. */
      settled: (signal: AbortSignal) =>
        live.until(
          () =>
            [...live.office.deployments.values()].every(({ phase }) => !isOpenPhase(phase)) &&
            [...live.office.apps.values()].every(
              (app) =>
                isSettled(live.office, app) &&
                [...app.placements.values()].every(
                  ({ assignment: { outcome, purgePosition } }) => outcome !== null && purgePosition === 0,
                ),
            ),
          AbortSignal.any([signal, cut.signal]),
        ),
      async close() {
        await deployer.close();
        await Promise.all(answers);
        await live.close();
      },
    };
  }

  return {
    log,
    say,
    start,
    /** Runs deployers until all is done: the first one is cut off where asked, the next one is not. */
    async converge(cutAt: CutAt): Promise<void> {
      for (const each of [cutAt, undefined]) {
        const running = await start(each);
        const done = await running.settled(AbortSignal.timeout(20_000));
        await running.close();
        if (done) return;
      }
      throw new Error('it does not come to an end');
    },
    broken,
    silent,
    /** Publishes the next version of an app; the first one registers it. @param runtime of one whose manifest names none */
    async publish(
      app: string,
      version: number,
      slug: string,
      on: readonly string[] = [],
      runtime?: Pick<RunSettings, 'type' | 'main'>,
    ) {
      const folder = join(home, 'source');
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      // each version is a source of its own, the same for every app: what is built once is in the cache
      for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
      await writeFile(join(folder, 'note.txt'), `version ${version}`);
      const tree = await putTree(store, versionPrefix({ office: 'default', app, version }), folder);
      if (version === 1) {
        await say('app_registered', { app, name: slug, slug, ula: appUla(app) });
        await mayBeAnywhere(app);
      }
      const what = { app, version, digest: tree.digest, files: 3, bytes: 3, name: slug };
      const targets = on.map((supervisor) => ({ supervisor, runtime: null, env: {} }));
      const settings = { ...SETTINGS, ...runtime };
      const how = {
        visibility: 'private' as const,
        ...{ runtime: settings, assets: null, runtime_declared: runtime === undefined },
      };
      await say('version_published', {
        ...what,
        ...how,
        env: {},
        targets,
        requests: [],
        secrets: [],
        doubts: [],
        inherited: [],
      });
      return tree.digest;
    },
    async request(app: string, version: number, digest: string, targets: DeployTarget[] | null = null) {
      const id = newId();
      await say('deployment_requested', {
        app,
        deployment_id: id,
        version,
        digest,
        targets,
        leave_data: false,
      });
      return id;
    },
    async events(): Promise<StoredEvent[]> {
      const all: StoredEvent[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const page = await log.read({ after, limit: 1000 });
        all.push(...page.events);
        after = page.next;
      }
      return all;
    },
    async close() {
      await log.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
