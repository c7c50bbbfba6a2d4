import { covers } from '../../app/index.ts';
import type { StoredEvent } from '../../log/index.ts';
import { isGranted, requestsOf } from '../grants.ts';
import {
  type ApprovalState,
  type AppState,
  type DeploymentState,
  type GrantState,
  grantKey,
  type OfficeState,
} from '../office-state.ts';
import type { Changes } from './changes.ts';
import { advance } from './deployment-phase.ts';

export const approvalChanges: Changes<
  | 'approval_requested'
  | 'approval_granted'
  | 'approval_denied'
  | 'approval_expired'
  | 'grant_revoked'
  | 'policy_set'
> = {
  approval_requested(state, data, event) {
    if (state.approvals.has(data.approval_id)) return;
    const {
      approval_id: id,
      deployment_id: deployment,
      requested_by: requestedBy,
      expires_at: expiresAt,
    } = data;
    const { kind, app, version, digest, command, added, widened, removed, difference, reasons, doubts } =
      data;
    if (kind === 'deployment') {
      const waiting = advance(state, deployment ?? '', event);
      if (waiting === null) return; // it has ended meanwhile
      waiting.approval = id;
    }
    state.approvals.set(id, {
      ...{
        id,
        office: event.tenant,
        kind,
        app,
        deployment,
        version,
        digest,
        command,
        added,
        widened,
        removed,
      },
      ...{
        difference,
        reasons,
        doubts,
        persons: data.persons,
        requestedBy,
        requestedAt: event.time,
        expiresAt,
      },
      named: appsNamedBy(state, event.tenant, [...added, ...widened.map(({ to }) => to)]),
      ...{ policy: data.policy, status: 'open', grantedBy: [], yesAt: new Map(), once: false },
      ...{ decidedAt: null, deniedBy: null, reason: '' },
    });
    state.openApprovals.add(id);
  },
  approval_granted(state, data, event) {
    const approval = openOne(state, data.approval_id);
    if (approval === null || approval.difference !== data.difference) return;
    if (!approval.grantedBy.includes(event.actor)) approval.grantedBy.push(event.actor);
    approval.yesAt.set(event.actor, event.position);
    approval.once ||= data.once; // what one of them meant for once is for once
    if (!data.complete || approval.grantedBy.length < approval.persons) return;
    end(state, approval, 'granted', event);
    grant(state, approval, event);
    if (approval.kind === 'policy' && approval.policy !== null)
      state.policies.set(approval.office, approval.policy);
    if (approval.kind === 'deployment') advance(state, approval.deployment ?? '', event);
  },
  approval_denied(state, data, event) {
    const approval = openOne(state, data.approval_id);
    if (approval === null) return;
    end(state, approval, 'denied', event);
    approval.deniedBy = event.actor;
    approval.reason = data.reason;
  },
  approval_expired(state, data, event) {
    const approval = openOne(state, data.approval_id);
    if (approval !== null) end(state, approval, 'expired', event);
  },
  grant_revoked(state, data) {
    const app = state.apps.get(data.app);
    if (app === undefined) return;
    if (data.capability.startsWith(HOST)) app.decidedHosts.add(data.capability);
    // whoever takes back `*.x.com` means `api.x.com` as well
    const isTaken = (capability: string) => covers(data.capability, capability);
    for (const [key, { capability }] of app.grants) if (isTaken(capability)) app.grants.delete(key);
    for (const [number, version] of app.versions) {
      const inherited = version.inherited.filter((each) => !isTaken(each));
      if (inherited.length < version.inherited.length) app.versions.set(number, { ...version, inherited });
    }
  },
  policy_set(state, data, event) {
    state.policies.set(event.tenant, data.policy);
  },
};

function openOne(state: OfficeState, id: string): ApprovalState | null {
  const approval = state.approvals.get(id);
  return approval?.status === 'open' ? approval : null;
}

function end(
  state: OfficeState,
  approval: ApprovalState,
  status: Exclude<ApprovalState['status'], 'open'>,
  { time }: StoredEvent,
): void {
  approval.status = status;
  approval.decidedAt = time;
  state.openApprovals.delete(approval.id);
}

/** All that the approval names: a wider one takes the place of what it was wider than. */
function grant(state: OfficeState, approval: ApprovalState, { time }: StoredEvent): void {
  const app = state.apps.get(approval.app ?? '');
  if (app === undefined) return;
  for (const capability of [...approval.added, ...approval.widened.map(({ to }) => to)]) {
    const given: GrantState = {
      capability,
      deployment: approval.once ? approval.deployment : null,
      beside: approval.kind === 'capability',
      app: approval.named.get(capability) ?? null, // whoever has taken the name since was shown to nobody
      approval: approval.id,
      grantedAt: time,
      grantedBy: [...approval.grantedBy],
    };
    app.grants.set(grantKey(capability, given.deployment), given);
    if (capability.startsWith(HOST)) app.decidedHosts.add(capability);
  }
}

const HOST = 'host:';
const OF_APPS = 'http:app:';

function appsNamedBy(
  state: OfficeState,
  office: string,
  capabilities: readonly string[],
): ReadonlyMap<string, string | null> {
  const ofApps = capabilities.filter((each) => each.startsWith(OF_APPS));
  return new Map(
    ofApps.map((each) => [each, state.slugs.get(`${office}/${each.slice(OF_APPS.length)}`) ?? null]),
  );
}

/** What a deployment waited for is over with it. */
export function withdraw(state: OfficeState, deployment: DeploymentState, event: StoredEvent): void {
  const approval = openOne(state, deployment.approval ?? '');
  if (approval !== null) end(state, approval, 'withdrawn', event);
}

/**
 * A version is in place: from now on the app is granted what that version asks for, as far as it was granted, and nothing else. What
 * was narrowed, left out, or meant for an earlier deployment alone is gone.
 */
export function settleGrants(app: AppState, deployment: DeploymentState, { time }: StoredEvent): void {
  const version = app.versions.get(deployment.version);
  if (version === undefined) return;
  const before = [...app.grants.values()];
  const asked = requestsOf(version, deployment.targets);
  app.grants.clear();
  for (const given of before) if (given.beside) app.grants.set(given.capability, given);
  // a person who was asked has decided
  for (const capability of deployment.approval === null ? version.inherited : []) {
    const grantedBy = [version.publishedBy];
    app.grants.set(capability, {
      ...{
        capability,
        deployment: null,
        beside: false,
        app: null,
        approval: null,
        grantedAt: time,
        grantedBy,
      },
    });
  }
  for (const given of before) {
    if (given.deployment !== null && given.deployment !== deployment.id) continue;
    for (const capability of asked) {
      const key = grantKey(capability, given.deployment);
      if (app.grants.has(key) || !isGranted([given.capability], capability)) continue;
      app.grants.set(key, { ...given, capability });
    }
    const key = grantKey(given.capability, given.deployment);
    if (isKept(given.capability, deployment) && !app.grants.has(key)) app.grants.set(key, given);
  }
}

/** Where it stands and what is around it is no matter of what a manifest asks for: a later version need not be asked again. */
function isKept(capability: string, { results }: DeploymentState): boolean {
  return (
    capability.startsWith('isolation:') ||
    results.some(({ supervisor }) => capability === `host:${supervisor}`)
  );
}
