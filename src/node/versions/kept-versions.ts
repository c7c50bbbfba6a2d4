import type { AppState, OfficeState, VersionState } from '../../state/index.ts';

/** The last ones stay whatever else is asked. */
const LAST_KEPT = 3;

/** Versions whose files are there, newest first. */
export function storedVersions(app: AppState): readonly VersionState[] {
  return [...app.versions.values()]
    .filter(({ removedAt }) => removedAt === null)
    .sort((a, b) => b.version - a.version);
}

/**
 * The versions of an app that may not be removed, each with the reason for a person: what a host has or goes back to, what is being
 * deployed, what an artifact in use was built of, and the last three.
 */
export function keptVersions(office: OfficeState, app: AppState): ReadonlyMap<number, string> {
  const kept = new Map<number, string>();
  const keep = (version: number | undefined, why: string): void => {
    if (version !== undefined && !kept.has(version)) kept.set(version, why);
  };
  for (const id of app.openDeployments) keep(office.deployments.get(id)?.version, 'it is being deployed');
  for (const [supervisor, { assignment, good }] of app.placements) {
    if (!assignment.purged) {
      keep(assignment.version, `'${supervisor}' has it`);
      keep(builtOf(app, assignment.artifactDigest), `what '${supervisor}' runs was built of it`);
    }
    if (good !== null) {
      keep(good.version, `'${supervisor}' goes back to it when a deployment fails`);
      keep(builtOf(app, good.artifactDigest), `what '${supervisor}' goes back to was built of it`);
    }
  }
  keep(office.deployments.get(app.inPlace ?? '')?.version, 'it is in place');
  for (const { version } of storedVersions(app).slice(0, LAST_KEPT))
    keep(version, `it is one of the last ${LAST_KEPT}`);
  return kept;
}

/** Equal files are built once: the artifact lies with the version that was first. */
function builtOf(app: AppState, artifactDigest: string): number | undefined {
  return [...app.artifacts.values()].find(({ digest }) => digest === artifactDigest)?.version;
}

/**
 * What an office that keeps so many versions of an app removes: the oldest ones beyond that number which nothing needs.
 *
 * @param keep 0: all
 */
export function versionsToDrop(office: OfficeState, app: AppState, keep: number): readonly number[] {
  if (keep === 0) return [];
  const kept = keptVersions(office, app);
  return storedVersions(app)
    .slice(keep)
    .map(({ version }) => version)
    .filter((version) => !kept.has(version));
}
