import { type AppState, deploymentsOf, type OfficeState, type VersionState } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import type { Asker } from './idempotency.ts';
import { type DeployCommandTools, requestVersion, versionOf, type Wanted } from './request-deployment.ts';

/**
 * Asks for a version that was in place before: a new deployment like any other (CONTRACTS §7).
 *
 * @param wanted no version: the last one that was in place before the one that is now
 * @returns id of the deployment
 * @throws rollback_impossible; and as `requestDeployment`
 */
export function requestRollback(
  tools: DeployCommandTools,
  asker: Asker,
  uuid: string,
  wanted: Wanted,
): Promise<string> {
  const choose = (app: AppState) => rollbackVersion(tools.live.office, app, wanted.version);
  return requestVersion(tools, asker, { uuid, wanted, purpose: 'rollback', choose });
}

/** The version that a rollback puts in place. @throws rollback_impossible, version_unknown */
function rollbackVersion(office: OfficeState, app: AppState, wanted: number | null): VersionState {
  const good = office.deployments.get(app.inPlace ?? '');
  if (good === undefined) {
    throw impossible(
      `No version of '${app.slug}' is in place`,
      'none was deployed with success',
      'Deploy one: `tabbify deploy <app>`',
    );
  }
  const until = app.deployments.indexOf(good.id);
  const before = deploymentsOf(office, app.uuid).filter(
    ({ phase, version }, index) =>
      phase === 'switched' && version !== good.version && index < until && isStored(app, version),
  );
  const versions = [...new Set(before.map(({ version }) => version))];
  const known = versions.length === 0 ? 'none' : versions.join(', ');
  if (wanted === null) {
    const last = before.at(-1);
    if (last !== undefined) return versionOf(app, last.version);
    throw impossible(
      `'${app.slug}' has no version to go back to`,
      `version ${good.version} is in place, and no other was before it`,
      'Deploy a version by its number: `tabbify deploy <app> --version <n>`',
    );
  }
  const version = versionOf(app, wanted);
  if (wanted === good.version) {
    throw impossible(
      `Version ${wanted} of '${app.slug}' is in place already`,
      `versions that were in place before: ${known}`,
      'Name one of them, or none for the last',
    );
  }
  if (versions.includes(wanted)) return version;
  throw impossible(
    `Version ${wanted} of '${app.slug}' was not in place before version ${good.version}`,
    `versions that were: ${known}`,
    `Name one of them, or deploy it: \`tabbify deploy <app> --version ${wanted}\``,
  );
}

function isStored(app: AppState, version: number): boolean {
  return app.versions.get(version)?.removedAt === null;
}

function impossible(what: string, why: string, hint: string) {
  return nodeError('rollback_impossible', { what, why, hint });
}
