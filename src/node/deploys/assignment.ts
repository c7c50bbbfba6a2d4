import type { AppState, ArtifactState, DomainEvents, OfficeState, VersionState } from '../../state/index.ts';
import type { Presences } from '../supervisors/presences.ts';
import { appEnvironment, PRODUCTION } from './app-environment.ts';
import { hostsOf, ownSupervisor } from './hosts.ts';
import { type Placement, place } from './placement.ts';

/** Where a version would go now. @throws supervisor_unknown, runtime_unavailable */
export function placementOf(office: OfficeState, presences: Presences, version: VersionState): Placement {
  const request = { runtime: version.runtime.type, targets: version.targets };
  return place(request, hostsOf(office, presences), ownSupervisor(office, presences));
}

/** What a host is told: the app's next generation. @throws as `placementOf` */
export function assignmentFor(
  office: OfficeState,
  presences: Presences,
  app: AppState,
  version: VersionState,
  artifact: Pick<ArtifactState, 'digest' | 'prefix'>,
  deployment: string,
): DomainEvents['app_assigned'] {
  const placement = placementOf(office, presences, version);
  return {
    supervisor: placement.supervisor,
    app: app.uuid,
    deployment_id: deployment,
    version: version.version,
    generation: (app.assignment?.generation ?? 0) + 1,
    environment: PRODUCTION,
    runtime: placement.runtime,
    settings: version.runtime,
    env: appEnvironment(app, version, placement.env),
    artifact_digest: artifact.digest,
    artifact_prefix: artifact.prefix,
    address: app.ula,
  };
}
