import type { Clock } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { placementOf } from '../deploys/assignment.ts';
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

/**
 * Asks for a version to be put in place. Placement is checked now, so that a target that cannot run it is a 400 before
 * anything happens (CONTRACTS §7).
 *
 * @param wanted number of the version; null: the newest
 * @returns id of the deployment
 * @throws app_unknown, version_unknown, supervisor_unknown, runtime_unavailable, idempotency_conflict
 */
export function requestDeployment(
  tools: DeployCommandTools,
  asker: Asker,
  uuid: string,
  wanted: number | null,
): Promise<string> {
  const { live, commands, presences, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const app = appOfOffice(live.office, asker, uuid);
    const version = app.versions.get(wanted ?? app.latestVersion);
    if (version === undefined) throw unknownVersion(uuid, wanted);
    const id = idFor(asker, `deploy ${uuid}`);
    const known = live.office.deployments.get(id);
    if (known !== undefined) {
      if (wanted === null || known.version === wanted) return id;
      throw nodeError('idempotency_conflict', {
        what: `This Idempotency-Key asked for version ${known.version} before`,
        hint: 'Use a new key for a new deployment',
      });
    }
    placementOf(live.office, presences, version);
    const data = { app: uuid, deployment_id: id, version: version.version, digest: version.digest };
    const { actor, office } = asker.principal;
    await commands.append(
      domainEvent('deployment_requested', data, { actor, source: '/node', office, id, clock }),
    );
    return id;
  });
}

function unknownVersion(uuid: string, wanted: number | null) {
  return nodeError('version_unknown', {
    what: wanted === null ? `The app ${uuid} has no version yet` : `The app ${uuid} has no version ${wanted}`,
    hint: 'Push one with `tcli push <dir>`',
  });
}
