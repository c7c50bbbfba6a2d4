import type { JsonObject } from '../../log/index.ts';
import type {
  ApprovalState,
  Credential,
  OfficeEntry,
  OfficeState,
  SupervisorState,
} from '../office-state.ts';
import {
  approvalsOf,
  appsOf,
  compare,
  credentialsOf,
  deploymentsOf,
  officesOf,
  supervisorsOf,
} from '../selectors.ts';
import { appDocument, deploymentDocument } from './app-document.ts';

/**
 * The office as a person may see it (`GET /v1/state`): plain JSON in a canonical order, so that equal states are equal
 * bytes in `canonicalJson`. Hashes of tokens are never in it.
 *
 * @param office slug: only what belongs to it, and the hosts, which offices share; null: all of them
 */
export function stateDocument(state: OfficeState, office: string | null): JsonObject {
  const offices = officesOf(state).filter(({ slug }) => office === null || slug === office);
  const slugs = office === null ? everySlug(state) : [office];
  const apps = slugs.flatMap((slug) => appsOf(state, slug));
  return {
    position: state.position,
    offices: offices.map(officeDocument),
    supervisors: supervisorsOf(state).map(supervisorDocument),
    credentials: slugs.flatMap((slug) => credentialsOf(state, slug)).map(credentialDocument),
    apps: apps.map(appDocument),
    deployments: apps.flatMap((app) => deploymentsOf(state, app.uuid)).map(deploymentDocument),
    approvals: approvalsOf(state, office).map(approvalDocument),
    policies: Object.fromEntries(
      [...state.policies]
        .filter(([slug]) => office === null || slug === office)
        .sort(([a], [b]) => compare(a, b)),
    ),
  };
}

/** Slugs of all offices that something belongs to, also where nobody said that the office was created. */
function everySlug(state: OfficeState): string[] {
  const slugs = new Set(state.offices.keys());
  for (const app of state.apps.values()) slugs.add(app.office);
  for (const credential of state.credentials.values()) slugs.add(credential.office);
  return [...slugs].sort();
}

function officeDocument(office: OfficeEntry): JsonObject {
  return {
    slug: office.slug,
    name: office.name,
    created_at: office.createdAt,
    created_by: office.createdBy,
  };
}

function supervisorDocument(supervisor: SupervisorState): JsonObject {
  return { name: supervisor.name, tags: [...supervisor.tags], joined_at: supervisor.joinedAt };
}

function credentialDocument(credential: Credential): JsonObject {
  return {
    id: credential.id,
    kind: credential.kind,
    name: credential.name,
    office: credential.office,
    role: credential.role,
    scopes: [...credential.scopes],
    issued_at: credential.issuedAt,
    issued_by: credential.issuedBy,
    expires_at: credential.expiresAt,
  };
}

function approvalDocument(approval: ApprovalState): JsonObject {
  return {
    id: approval.id,
    office: approval.office,
    kind: approval.kind,
    app: approval.app,
    deployment: approval.deployment,
    version: approval.version,
    digest: approval.digest,
    command: approval.command,
    added: [...approval.added],
    widened: approval.widened.map(({ from, to }) => ({ from: [...from], to })),
    removed: [...approval.removed],
    difference: approval.difference,
    reasons: [...approval.reasons],
    doubts: [...approval.doubts],
    persons: approval.persons,
    requested_by: approval.requestedBy,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    policy: approval.policy,
    status: approval.status,
    granted_by: [...approval.grantedBy],
    once: approval.once,
    decided_at: approval.decidedAt,
    denied_by: approval.deniedBy,
    reason: approval.reason,
  };
}
