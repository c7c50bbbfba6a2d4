import type {
  ApprovalState,
  AppState,
  AssignmentState,
  Credential,
  DeploymentState,
  OfficeEntry,
  OfficeState,
  PlacementState,
  SessionState,
  SupervisorState,
  VersionState,
} from './office-state.ts';

/** @param tokenSha256 SHA-256 of the token that was shown, lower-case hex */
export function credentialByHash(state: OfficeState, tokenSha256: string): Credential | null {
  return state.credentials.get(tokenSha256) ?? null;
}

/** @returns null for one that was never issued or was revoked */
export function credentialById(state: OfficeState, id: string): Credential | null {
  return credentialByHash(state, state.tokenHashes.get(id) ?? '');
}

/** Credentials of an office, also expired ones, oldest first. */
export function credentialsOf(state: OfficeState, office: string): Credential[] {
  return [...state.credentials.values()]
    .filter((credential) => credential.office === office)
    .sort((a, b) => compare(a.issuedAt, b.issuedAt) || compare(a.id, b.id));
}

/** Sessions of a credential, also expired ones, oldest first. */
export function sessionsOf(state: OfficeState, credentialId: string): SessionState[] {
  return [...state.sessions.values()]
    .filter((session) => session.credentialId === credentialId)
    .sort((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id));
}

/** Offices, by slug. */
export function officesOf(state: OfficeState): OfficeEntry[] {
  return [...state.offices.values()].sort((a, b) => compare(a.slug, b.slug));
}

export function appBySlug(state: OfficeState, slug: string, office = 'default'): AppState | null {
  return state.apps.get(state.slugs.get(`${office}/${slug}`) ?? '') ?? null;
}

export function appByAddress(state: OfficeState, ula: string): AppState | null {
  return state.apps.get(state.addresses.get(ula) ?? '') ?? null;
}

/** Apps of an office, by name. */
export function appsOf(state: OfficeState, office = 'default'): AppState[] {
  return [...state.apps.values()]
    .filter((app) => app.office === office)
    .sort((a, b) => compare(a.slug, b.slug));
}

/** Approvals of an office, oldest first. @param office null: of all of them */
export function approvalsOf(state: OfficeState, office: string | null): ApprovalState[] {
  return [...state.approvals.values()]
    .filter((each) => office === null || each.office === office)
    .sort((a, b) => compare(a.requestedAt, b.requestedAt) || compare(a.id, b.id));
}

/** Supervisors, by name. */
export function supervisorsOf(state: OfficeState): SupervisorState[] {
  return [...state.supervisors.values()].sort((a, b) => compare(a.name, b.name));
}

/** The app's deployments, oldest first. */
export function deploymentsOf(state: OfficeState, app: string): DeploymentState[] {
  const ids = state.apps.get(app)?.deployments ?? [];
  return ids.flatMap((id) => state.deployments.get(id) ?? []);
}

/** Code point order, the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** It was purged, or waits for its host to do so: nothing starts it but a deployment. */
export function isGone({ purged, stopped, purgePosition }: AssignmentState): boolean {
  return purged || (stopped && purgePosition > 0);
}

/**
 * Where the app is, the host with the app's own address first, then by name. Hosts that keep nothing of it any more are
 * left out, unless none keeps anything.
 */
export function placementsOf(app: AppState): PlacementState[] {
  const all = [...app.placements.values()].sort(
    ({ assignment: a }, { assignment: b }) =>
      Number(b.address === app.ula) - Number(a.address === app.ula) || compare(a.supervisor, b.supervisor),
  );
  const kept = all.filter(({ assignment }) => !isGone(assignment));
  return kept.length > 0 ? kept : all;
}

/** The host that stands for the app where one has to: the one with the app's own address. Null: nothing is placed. */
export function primaryOf(app: AppState): PlacementState | null {
  return placementsOf(app)[0] ?? null;
}

/** The version of the last deployment that switched: its static files are what visitors get. Null: nothing is in place. */
export function versionInPlace(state: OfficeState, app: AppState): VersionState | null {
  return app.versions.get(state.deployments.get(app.inPlace ?? '')?.version ?? 0) ?? null;
}

/**
 * The hosts that visitors are sent to: those of the deployment in place, also while the next one starts there. A host
 * that did not take that deployment up has another version, or none, and a new host of a deployment that is under way
 * is not proven yet. While nothing is in place: every host that is to run the app.
 */
export function rotationOf(app: AppState): PlacementState[] {
  const running = placementsOf(app).filter(({ assignment }) => !isGone(assignment));
  const inPlace = running.filter(({ good }) => good !== null && good.deployment === app.inPlace);
  return inPlace.length > 0 ? inPlace : running;
}
