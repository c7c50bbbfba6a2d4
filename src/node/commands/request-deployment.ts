import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../kit/index.ts';
import { type AppState, type DeployTarget, domainEvent, type VersionState } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { placementsFor } from '../deploys/assignment.ts';
import { settleApp } from '../deploys/settle-app.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Presences } from '../supervisors/presences.ts';
import { appOfOffice } from './app-of-office.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';

export interface DeployCommandTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly presences: Presences;
  readonly clock: Clock;
}

/** What somebody asks for; null where nothing was said. */
export interface Wanted {
  /** Number of the version. */
  readonly version: number | null;
  /** Where, instead of what the version says. */
  readonly targets: DeployTarget[] | null;
  /** It may go where the data of the app is not, and begin without it. */
  readonly leaveData: boolean;
}

/** What is asked for, and of which app. */
export interface DeploymentRequest {
  readonly uuid: string;
  readonly wanted: Wanted;
  /** The request as part of its idempotency key. */
  readonly purpose: 'deploy' | 'rollback';
  /** The version to put in place. @throws what the asker is told when there is none */
  readonly choose: (app: AppState) => VersionState;
}

/**
 * Asks for a version to be put in place. Placement is checked now, so that a target that cannot run it is a 400 before
 * anything happens (CONTRACTS §7). Older deployments of the app that no host has heard of give way.
 *
 * @param wanted no version: the newest
 * @returns id of the deployment
 * @throws app_unknown, version_unknown, supervisor_unknown, runtime_unavailable, target_twice, data_elsewhere, idempotency_conflict
 */
export function requestDeployment(
  tools: DeployCommandTools,
  asker: Asker,
  uuid: string,
  wanted: Wanted,
): Promise<string> {
  const choose = (app: AppState) => versionOf(app, wanted.version);
  return requestVersion(tools, asker, { uuid, wanted, purpose: 'deploy', choose });
}

/** The shared part of deploy and rollback. @throws as `requestDeployment`, and what `choose` throws */
export function requestVersion(
  tools: DeployCommandTools,
  asker: Asker,
  { uuid, wanted, purpose, choose }: DeploymentRequest,
): Promise<string> {
  const { live, commands, presences, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const app = appOfOffice(live.office, asker, uuid);
    const id = idFor(asker, `${purpose} ${uuid}`);
    const known = live.office.deployments.get(id);
    if (known !== undefined) {
      const isSame = wanted.version === null || known.version === wanted.version;
      const isThere =
        isDeepStrictEqual(known.targets, wanted.targets) && known.leaveData === wanted.leaveData;
      if (isSame && isThere) return id;
      throw nodeError('idempotency_conflict', {
        what: `This Idempotency-Key asked for version ${known.version}${isSame ? ' on other hosts' : ''} before`,
        hint: 'Use a new key for a new deployment',
      });
    }
    const version = choose(app);
    const { targets, leaveData } = wanted;
    placementsFor(live.office, presences, { app, version, targets, leaveData });
    const { version: number, digest } = version;
    const data = { app: uuid, deployment_id: id, version: number, digest, targets };
    const { actor, office } = asker.principal;
    await commands.append(
      domainEvent(
        'deployment_requested',
        { ...data, leave_data: leaveData },
        { actor, source: '/node', office, id, clock },
      ),
    );
    await settleApp(tools, uuid);
    return id;
  });
}

/** @param wanted null: the newest @throws version_unknown, version_removed */
export function versionOf(app: AppState, wanted: number | null): VersionState {
  const version = app.versions.get(wanted ?? app.latestVersion);
  if (version !== undefined && version.removedAt === null) return version;
  if (version !== undefined) {
    throw nodeError('version_removed', {
      what: `Version ${version.version} of the app ${app.uuid} was removed`,
      why: `its files are gone since ${version.removedAt}`,
      hint: `See what there is: \`tabbify versions ${app.slug}\``,
    });
  }
  throw nodeError('version_unknown', {
    what:
      wanted === null
        ? `The app ${app.uuid} has no version yet`
        : `The app ${app.uuid} has no version ${wanted}`,
    hint: 'Push one with `tcli push <dir>`',
  });
}
