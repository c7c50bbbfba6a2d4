import type {
  AppState,
  ArtifactState,
  DeploymentState,
  DomainEvents,
  OfficeState,
  PlacedState,
  TargetResult,
  VersionState,
  VersionTarget,
} from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import type { Presences } from '../supervisors/presences.ts';
import { addressesFor } from './addresses.ts';
import { appEnvironment, PRODUCTION } from './app-environment.ts';
import { hostsOf, ownSupervisor } from './hosts.ts';
import { type Placement, place } from './placement.ts';

/** A version that is to be placed. */
export interface ToPlace {
  readonly app: Pick<AppState, 'dataOn' | 'slug'>;
  readonly version: VersionState;
  /** What was asked for instead of the version's `[[deploy]]`; null: nothing. */
  readonly targets: readonly VersionTarget[] | null;
  /** It may go where the data of the app is not. */
  readonly leaveData: boolean;
}

/**
 * Where a version would go now.
 *
 * @returns none for static files alone
 * @throws supervisor_unknown, runtime_unavailable, runtime_unfit, target_twice, data_on_one_host, data_elsewhere
 */
export function placementsFor(
  office: OfficeState,
  presences: Presences,
  { app, version, targets, leaveData }: ToPlace,
): Placement[] {
  const { runtime: settings, runtimeDeclared: declared } = version;
  if (version.assets?.alone) {
    if (targets !== null && targets.length > 0) throw goesToNoHost(version);
    return [];
  }
  const data = app.dataOn === null ? null : { app: app.slug, on: app.dataOn, mayBeLeft: leaveData };
  const request = { settings, declared, targets: targets ?? version.targets, data };
  return place(request, hostsOf(office, presences), ownSupervisor(office, presences));
}

function goesToNoHost({ version }: VersionState) {
  return nodeError('runtime_unfit', {
    what: `Version ${version} cannot be deployed to a host`,
    why: 'it is static files alone, which the office serves by itself',
    hint: 'Deploy it without naming a host',
  });
}

/** Where a deployment goes, and as which generation. @param placements of `placementsFor` */
export function decisionFor(
  app: AppState,
  deployment: DeploymentState,
  placements: readonly Placement[],
): DomainEvents['deployment_placed'] {
  const addresses = addressesFor(
    app,
    placements.map(({ supervisor }) => supervisor),
  );
  return {
    app: app.uuid,
    deployment_id: deployment.id,
    version: deployment.version,
    generation: nextGeneration(app),
    targets: placements.map(({ supervisor, runtime, env, wall, standsInFor }, index) => ({
      supervisor,
      runtime,
      env: { ...env },
      address: addresses[index] ?? app.ula,
      wall: wall && { isolation: wall.isolation, limits: { ...wall.limits } },
      stands_in_for: standsInFor && { ...standsInFor },
    })),
  };
}

/** What one of its hosts is told. */
export function assignmentFor(
  app: AppState,
  version: VersionState,
  deployment: DeploymentState,
  { supervisor, runtime, env, address }: TargetResult,
  artifact: Pick<ArtifactState, 'digest' | 'prefix'>,
): DomainEvents['app_assigned'] {
  return {
    supervisor,
    app: app.uuid,
    deployment_id: deployment.id,
    version: version.version,
    generation: deployment.generation,
    environment: PRODUCTION,
    runtime,
    settings: version.runtime,
    env: appEnvironment(app, version, env),
    artifact_digest: artifact.digest,
    artifact_prefix: artifact.prefix,
    address,
  };
}

/** What a host is told that is to have again what it had. */
export function assignmentBack(app: AppState, good: PlacedState): DomainEvents['app_assigned'] {
  return {
    supervisor: good.supervisor,
    app: app.uuid,
    deployment_id: good.deployment,
    version: good.version,
    generation: nextGeneration(app),
    environment: good.environment,
    runtime: good.runtime,
    settings: good.settings,
    env: good.env,
    artifact_digest: good.artifactDigest,
    artifact_prefix: good.artifactPrefix,
    address: good.address,
  };
}

/** Higher than any host of the app was ever told. */
function nextGeneration(app: AppState): number {
  const generations = [...app.placements.values()].map(({ assignment }) => assignment.generation);
  return Math.max(0, ...generations) + 1;
}
