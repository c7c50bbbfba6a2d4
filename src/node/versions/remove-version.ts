import { artifactsPrefix, type ObjectStore, removeTree, versionPrefix } from '../../artifacts/index.ts';
import { type Clock, type Logger, messageOf } from '../../kit/index.ts';
import { type AppState, domainEvent, type VersionState } from '../../state/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { type Asker, idFor } from '../commands/idempotency.ts';
import { versionOf } from '../commands/request-deployment.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { keptVersions, versionsToDrop } from './kept-versions.ts';

export interface RemovalTools {
  readonly store: ObjectStore;
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Removes a version for good: said in the log first, then its files and what was built of them go.
 *
 * @throws app_unknown, version_unknown, version_removed; version_in_use naming why it has to stay
 */
export async function removeVersion(
  tools: RemovalTools,
  asker: Asker,
  uuid: string,
  number: number,
): Promise<VersionState> {
  const { live, commands, clock } = tools;
  const app = await commands.run(async () => {
    requireInForce(asker.principal);
    const found = appOfOffice(live.office, asker, uuid);
    const { version } = versionOf(found, number);
    const why = keptVersions(live.office, found).get(version);
    if (why !== undefined) {
      throw nodeError('version_in_use', {
        what: `Version ${version} of '${found.slug}' cannot be removed`,
        why,
        hint: 'See what there is: `tabbify versions <app>`',
      });
    }
    const { actor, office } = asker.principal;
    const context = { actor, source: '/node', office, id: idFor(asker, `remove ${uuid} ${version}`), clock };
    await commands.append(domainEvent('version_removed', { app: uuid, version, why: 'asked' }, context));
    return found;
  });
  await removeFiles(tools, app, number);
  return live.office.apps.get(uuid)?.versions.get(number) ?? versionOf(app, number);
}

/** Removes what an office that keeps so many versions has too many of. @param keep 0: all stay */
export async function dropOldVersions(tools: RemovalTools, uuid: string, keep: number): Promise<void> {
  const { live, commands, clock } = tools;
  const app = live.office.apps.get(uuid);
  if (app === undefined) return;
  const dropped = await commands.run(async () => {
    const numbers = versionsToDrop(live.office, app, keep);
    for (const version of numbers) {
      const context = { actor: 'system', source: '/node', office: app.office, clock };
      await commands.append(
        domainEvent('version_removed', { app: uuid, version, why: 'retention' }, context),
      );
    }
    return numbers;
  });
  for (const version of dropped) await removeFiles(tools, app, version);
}

/** What was removed longer ago than this was looked for at an earlier start. */
const LOOK_BACK_MS = 7 * 24 * 3600 * 1000;

/** Removes what a crash, or a store out of reach, has left of versions that were removed. Never rejects. */
export async function finishRemovals(tools: RemovalTools, signal: AbortSignal): Promise<void> {
  const since = tools.clock.now() - LOOK_BACK_MS;
  for (const app of [...tools.live.office.apps.values()]) {
    for (const { version, removedAt } of [...app.versions.values()]) {
      if (removedAt === null || Date.parse(removedAt) < since) continue;
      if (signal.aborted) return;
      await removeFiles(tools, app, version);
    }
  }
}

/** Can be repeated. A store that cannot be reached is asked again at the next start. */
async function removeFiles({ store, logger }: RemovalTools, app: AppState, version: number): Promise<void> {
  const place = { office: app.office, app: app.uuid, version };
  try {
    await removeTree(store, versionPrefix(place));
    await removeTree(store, artifactsPrefix(place));
  } catch (error) {
    logger.warn(
      { err: error, app: app.uuid, version },
      `files of a removed version stay: ${messageOf(error)}`,
    );
  }
}
