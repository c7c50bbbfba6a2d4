import {
  type CapabilityDifference,
  capabilityDifference,
  decide,
  decisionHash,
  isWithinGrant,
  type PolicyDecision,
} from '../../approvals/index.ts';
import { grantedNow, type OfficeState, requestsOf } from '../../state/index.ts';
import { byAgent } from './by-agent.ts';
import type { PolicyOf } from './policies.ts';
import type { Undecided } from './undecided.ts';
import { weakerWalls } from './weaker-walls.ts';

/** What keeps a deployment from going on: what it asks for and was not granted, or who asked for it. */
export interface Outstanding {
  readonly difference: CapabilityDifference;
  readonly verdict: PolicyDecision;
  /** Why a person is asked, in words. */
  readonly reasons: readonly string[];
  /** Of all that is to be decided: whoever decides names it. */
  readonly hash: string;
}

/**
 * The one check that every way of putting a version in place goes through: push, deploy, rollback, and whatever comes (CONTRACTS §4a).
 * It compares with what is granted now, so a rollback revives nothing that was revoked.
 *
 * @returns null: nothing keeps it
 */
export function outstandingOf(
  office: OfficeState,
  undecided: Undecided,
  policyOf: PolicyOf,
): Outstanding | null {
  const { app, version, deployment } = undecided;
  const difference = capabilityDifference(
    [...grantedNow(office, app, deployment.id), ...freePlaces(undecided)],
    [
      ...requestsOf(version, deployment.targets),
      ...weakerWalls(office, undecided),
      ...decidedPlaces(undecided),
    ],
  );
  const shown = { ...difference, removed: difference.removed.filter((each) => !each.startsWith('host:')) };
  const isWithin = isWithinGrant(shown);
  const wasApproved = office.approvals.get(deployment.approval ?? '')?.status === 'granted';
  if (isWithin && (wasApproved || !byAgent(deployment.requestedBy))) return null;
  const verdict = decide(policyOf(app.office), {
    app: app.slug,
    actorKind: byAgent(deployment.requestedBy) ? 'agent' : 'person',
    difference: shown,
    canApprove: false, // who asks says yes apart from that, to what he was shown
  });
  if (verdict.verdict === 'granted') return null;
  return {
    difference: shown,
    verdict,
    reasons: [
      ...(isWithin ? [] : ['it asks for more than the app was granted']),
      ...(byAgent(deployment.requestedBy) ? ['an agent asks for it'] : []),
    ],
    hash: decisionHash({ app: app.uuid, version: version.version, digest: version.digest, ...shown }),
  };
}

/** Any app may be where the office itself is, and stay where it was put without a question. */
function freePlaces({ app, own }: Undecided): string[] {
  const hosts = [...app.placements.values()].filter(({ assignment }) => !assignment.purged);
  const there = hosts.map(({ assignment }) => `host:${assignment.supervisor}`);
  return ['local', ...(own === null ? [] : [own])]
    .map((name) => `host:${name}`)
    .concat(there.filter((each) => !app.decidedHosts.has(each)));
}

/** Where it would go by the platform's own choice, and persons have decided before whether it may. */
function decidedPlaces({ app, placements }: Undecided): string[] {
  const hosts = (placements ?? []).map(({ supervisor }) => `host:${supervisor}`);
  return hosts.filter((each) => app.decidedHosts.has(each));
}
