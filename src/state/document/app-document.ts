import type { Json, JsonObject } from '../../log/index.ts';
import type {
  AppState,
  ArtifactState,
  AssignmentState,
  DeploymentState,
  Failure,
  GrantState,
  InstanceState,
  PlacementState,
  VersionState,
  VersionTarget,
} from '../office-state.ts';
import { compare } from '../selectors.ts';

/** An app with its versions (by number), its artifacts (by what they are built from) and where it is. */
export function appDocument(app: AppState): JsonObject {
  return {
    uuid: app.uuid,
    office: app.office,
    name: app.name,
    slug: app.slug,
    ula: app.ula,
    registered_at: app.registeredAt,
    registered_by: app.registeredBy,
    latest_version: app.latestVersion,
    versions: [...app.versions.values()].sort((a, b) => a.version - b.version).map(versionDocument),
    artifacts: [...app.artifacts]
      .sort(([a], [b]) => compare(a, b))
      .map(([, artifact]) => artifactDocument(artifact)),
    deployments: [...app.deployments],
    open_deployments: [...app.openDeployments].sort(compare),
    in_place: app.inPlace,
    data_on: app.dataOn,
    ...(app.deniedHosts.size > 0 && { denied_hosts: deniedDocument(app.deniedHosts) }),
    grants: [...app.grants].sort(([a], [b]) => compare(a, b)).map(([, grant]) => grantDocument(grant)),
    ...(app.decidedHosts.size > 0 && { decided_hosts: [...app.decidedHosts].sort(compare) }),
    placements: [...app.placements.values()]
      .sort((a, b) => compare(a.assignment.supervisor, b.assignment.supervisor))
      .map(placementDocument),
  };
}

/** In the order in which they were told of last. */
function deniedDocument(denied: AppState['deniedHosts']): JsonObject[] {
  return [...denied].map(([entry, { first, last, times }]) => ({ entry, first, last, times }));
}

function grantDocument(grant: GrantState): JsonObject {
  return {
    capability: grant.capability,
    deployment: grant.deployment,
    beside: grant.beside,
    app: grant.app,
    approval: grant.approval,
    granted_at: grant.grantedAt,
    granted_by: [...grant.grantedBy],
  };
}

export function deploymentDocument(deployment: DeploymentState): JsonObject {
  return {
    id: deployment.id,
    app: deployment.app,
    version: deployment.version,
    digest: deployment.digest,
    phase: deployment.phase,
    reached: deployment.reached,
    built: deployment.built,
    requested_at: deployment.requestedAt,
    requested_by: deployment.requestedBy,
    finished_at: deployment.finishedAt,
    targets: deployment.targets?.map(targetDocument) ?? null,
    leave_data: deployment.leaveData,
    approval: deployment.approval,
    generation: deployment.generation,
    results: deployment.results.map(({ failure, env, wall, standsInFor, ...result }) => ({
      ...result,
      env: { ...env },
      wall: wall && { isolation: wall.isolation, limits: { ...wall.limits } },
      stands_in_for: standsInFor && { ...standsInFor },
      failure: failureDocument(failure),
    })),
    failure: failureDocument(deployment.failure),
  };
}

function versionDocument(version: VersionState): JsonObject {
  return {
    version: version.version,
    digest: version.digest,
    files: version.files,
    bytes: version.bytes,
    name: version.name,
    visibility: version.visibility,
    runtime: { ...version.runtime },
    assets: version.assets && { ...version.assets },
    runtime_declared: version.runtimeDeclared,
    env: { ...version.env },
    targets: version.targets.map(targetDocument),
    requests: [...version.requests],
    secrets: version.secrets.map((secret) => ({ ...secret })),
    doubts: [...version.doubts],
    inherited: [...version.inherited],
    published_at: version.publishedAt,
    published_by: version.publishedBy,
    removed_at: version.removedAt,
  };
}

function targetDocument({ supervisor, runtime, env }: VersionTarget): JsonObject {
  return { supervisor, runtime, env: { ...env } };
}

function placementDocument({ assignment, good, instance }: PlacementState): JsonObject {
  return {
    assignment: assignmentDocument(assignment),
    good: good && { deployment: good.deployment, version: good.version, generation: good.generation },
    instance: instance && instanceDocument(instance),
  };
}

function artifactDocument(artifact: ArtifactState): JsonObject {
  return {
    version: artifact.version,
    version_digest: artifact.versionDigest,
    kind: artifact.kind,
    builder_digest: artifact.builderDigest,
    digest: artifact.digest,
    prefix: artifact.prefix,
    build_ms: artifact.buildMs,
  };
}

function assignmentDocument(assignment: AssignmentState): JsonObject {
  return {
    supervisor: assignment.supervisor,
    deployment: assignment.deployment,
    version: assignment.version,
    generation: assignment.generation,
    environment: assignment.environment,
    runtime: assignment.runtime,
    settings: { ...assignment.settings },
    env: { ...assignment.env },
    artifact_digest: assignment.artifactDigest,
    artifact_prefix: assignment.artifactPrefix,
    address: assignment.address,
    pinned: assignment.pinned,
    stopped: assignment.stopped,
    stop_position: assignment.stopPosition,
    restart_position: assignment.restartPosition,
    reset_position: assignment.resetPosition,
    purge_position: assignment.purgePosition,
    purge_data_position: assignment.purgeDataPosition,
    purged: assignment.purged,
    restart: {
      status: assignment.restart.status,
      failures: assignment.restart.failures,
      retry_at: assignment.restart.retryAt,
    },
    outcome: assignment.outcome,
    failure: failureDocument(assignment.failure),
  };
}

function instanceDocument(instance: InstanceState): JsonObject {
  return {
    state: instance.state,
    generation: instance.generation,
    version: instance.version,
    pid: instance.pid,
    adopted: instance.adopted,
    since: instance.since,
    reason: instance.reason,
    log_tail: [...instance.logTail],
  };
}

function failureDocument(failure: Failure | null): Json {
  return failure && { stage: failure.stage, reason: failure.reason, log_tail: [...failure.logTail] };
}
