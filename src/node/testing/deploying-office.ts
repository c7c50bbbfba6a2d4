import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appUla } from '../../app/index.ts';
import { openFolderStore, putTree, versionPrefix } from '../../artifacts/index.ts';
import { newId, silentLogger, systemClock } from '../../kit/index.ts';
import { openSqliteLog, type StoredEvent } from '../../log/index.ts';
import { type DomainEvents, type DomainEventType, domainEvent, isOpenPhase } from '../../state/index.ts';
import { createCommandQueue } from '../commands/command-queue.ts';
import { startDeployer } from '../deploys/deployer.ts';
import { createProgress } from '../deploys/progress.ts';
import { followState } from '../live-state.ts';
import { createPresences } from '../supervisors/presences.ts';
import { SETTINGS } from './placed-app.ts';

const USER = { actor: 'user:owner', source: '/node' } as const;
const HOST = { actor: 'supervisor:local', source: '/supervisors/local' } as const;

/** A log, a store and a host, on which deployers start and are cut off: no node around them. */
export type DeployingOffice = Awaited<ReturnType<typeof openDeployingOffice>>;

/** @param files of every version that is published */
export async function openDeployingOffice(files: Readonly<Record<string, string | Uint8Array>>) {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-deploys-'));
  const logger = silentLogger();
  const log = await openSqliteLog({ file: join(home, 'log.db'), logger });
  const store = await openFolderStore(join(home, 'objects'));
  const say = <Type extends DomainEventType>(
    type: Type,
    data: DomainEvents[Type],
    by = USER as typeof USER | typeof HOST,
  ) => log.append(domainEvent(type, data, { ...by, supervisor: 'local' }));
  await say('supervisor_joined', { name: 'local', tags: ['wasm-http'] });
  /** Versions whose start fails on the host. */
  const broken = new Set<number>();

  /**
   * A deployer on this log, as a node has it, with a host that answers whatever it is given.
   *
   * @param cutAt a point at which it ends as a killed process does: nothing after it happens
   */
  async function start(cutAt?: (point: string) => boolean) {
    const cut = new AbortController();
    const live = await followState(log, logger);
    const commands = createCommandQueue(log, live);
    const answer = async ({ data }: StoredEvent) => {
      const { app, generation, version } = data as unknown as DomainEvents['app_assigned'];
      if (live.office.apps.get(app)?.assignment?.generation !== generation) return;
      if (!broken.has(version))
        return say('assignment_applied', { app, generation, outcome: 'running' }, HOST);
      const failed = { app, generation, stage: 'health', reason: 'it answered 500', log_tail: ['boom'] };
      return say('assignment_failed', failed, HOST);
    };
    const answers: Promise<unknown>[] = [];
    live.onEvent((event) => {
      if (event.type === 'app_assigned') answers.push(answer(event));
    });
    const tools = {
      ...{ home, store, live, commands, logger, clock: systemClock },
      presences: createPresences(systemClock),
      progress: createProgress(live),
    };
    const hook = (point: string) => {
      if (!cutAt?.(point)) return;
      cut.abort();
      void deployer.close();
      throw new Error(`cut off ${point}`);
    };
    const deployer = startDeployer({ ...tools, hook });
    // what the host was told while no deployer ran
    for (const { uuid, assignment } of live.office.apps.values()) {
      if (assignment !== null && assignment.outcome === null) {
        const { generation, version } = assignment;
        answers.push(answer({ data: { app: uuid, generation, version } } as unknown as StoredEvent));
      }
    }
    return {
      live,
      commands,
      /** Resolves with true when no deployment is open and every app is where it belongs; false when it was cut off. */
      settled: (signal: AbortSignal) =>
        live.until(
          () =>
            [...live.office.deployments.values()].every(({ phase }) => !isOpenPhase(phase)) &&
            [...live.office.apps.values()].every(({ assignment }) => {
              const phase = live.office.deployments.get(assignment?.deployment ?? '')?.phase;
              return assignment === null || (assignment.outcome !== null && phase === 'switched');
            }),
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
    broken,
    /** Publishes the next version of an app; the first one registers it. */
    async publish(app: string, version: number, slug: string) {
      const folder = join(home, 'source');
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      // each version is a source of its own, the same for every app: what is built once is in the cache
      for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
      await writeFile(join(folder, 'note.txt'), `version ${version}`);
      const tree = await putTree(store, versionPrefix({ office: 'default', app, version }), folder);
      if (version === 1) await say('app_registered', { app, name: slug, slug, ula: appUla(app) });
      const what = { app, version, digest: tree.digest, files: 3, bytes: 3, name: slug };
      const how = { visibility: 'private' as const, runtime: SETTINGS, env: {}, targets: [], denied: [] };
      await say('version_published', { ...what, ...how });
      return tree.digest;
    },
    async request(app: string, version: number, digest: string) {
      const id = newId();
      await say('deployment_requested', { app, deployment_id: id, version, digest });
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
