import type { GrantedSecret, RuntimeKind, Visibility } from '../app/index.ts';
import type { DeploymentPhase, OpenPhase } from './deployment-machine.ts';
import type {
  ApprovalKind,
  ApprovedCommand,
  ArtifactKind,
  Assets,
  PrincipalKind,
  Role,
  RunSettings,
  Wall,
} from './events.ts';

/**
 * The office as the log says it should be: plain data (maps, sets, arrays and records), folded from events
 * (`fold.ts`). Times are RFC 3339. It holds entities only; what happened to them is in the log and its projections.
 */
export interface OfficeState {
  /** Position of the last event that was folded, also of those that changed nothing; 0 before the first. */
  position: number;
  /** By slug. `default` is there from the beginning. */
  readonly offices: Map<string, OfficeEntry>;
  /** Those that are neither revoked nor replaced, also expired ones. By SHA-256 of the token, lower-case hex. */
  readonly credentials: Map<string, Credential>;
  /** Token hash by credential id. */
  readonly tokenHashes: Map<string, string>;
  /** Hashes of tokens that were revoked: such a token is never valid again, whatever credential it is issued for. */
  readonly revokedHashes: Set<string>;
  /** By id, those that neither ended nor lost their credential; expired ones until the next of their credential starts. */
  readonly sessions: Map<string, SessionState>;
  readonly supervisors: Map<string, SupervisorState>;
  readonly apps: Map<string, AppState>;
  /** UUID by `<office>/<slug>`. */
  readonly slugs: Map<string, string>;
  /** UUID by app ULA. */
  readonly addresses: Map<string, string>;
  readonly deployments: Map<string, DeploymentState>;
  /** By id; also those that were decided. */
  readonly approvals: Map<string, ApprovalState>;
  /** Ids of those that wait for a person. */
  readonly openApprovals: Set<string>;
  /** Text of the policy by office; those without one have the default. */
  readonly policies: Map<string, string>;
}

/** One office of this log. */
export interface OfficeEntry {
  readonly slug: string;
  readonly name: string;
  /** Null: there from the beginning. */
  readonly createdAt: string | null;
  readonly createdBy: string;
}

export interface Credential {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly office: string;
  /** The fixed set of scopes that was meant; null: `scopes` were chosen one by one. */
  readonly role: Role | null;
  readonly scopes: readonly string[];
  readonly issuedAt: string;
  /** Position of the event since which nobody has doubted it: of one that takes the place of another that had expired, that one's. */
  readonly trustedSince: number;
  /** Who issued it. */
  readonly issuedBy: string;
  /** Null: never. The fold has no clock: whoever lets somebody in compares. */
  readonly expiresAt: string | null;
}

/** Somebody is signed in with a browser. */
export interface SessionState {
  readonly id: string;
  readonly credentialId: string;
  /** SHA-256 of what the cookie holds, lower-case hex. */
  readonly secretHash: string;
  readonly by: 'link' | 'token';
  readonly browser: string;
  readonly startedAt: string;
  readonly expiresAt: string;
  /** To a day. */
  usedAt: string;
}

export interface SupervisorState {
  readonly name: string;
  readonly tags: readonly string[];
  /** First join. */
  readonly joinedAt: string;
}

export interface AppState {
  readonly uuid: string;
  readonly office: string;
  readonly name: string;
  readonly slug: string;
  readonly ula: string;
  readonly registeredAt: string;
  readonly registeredBy: string;
  readonly versions: Map<number, VersionState>;
  /** Highest version; 0 before the first. */
  latestVersion: number;
  /** By `artifactKey`. */
  readonly artifacts: Map<string, ArtifactState>;
  /** Deployments of this app, oldest first. */
  readonly deployments: string[];
  /** Those without an outcome yet. */
  readonly openDeployments: Set<string>;
  /** Where it is, by supervisor: a target is a host (ADR 18). */
  readonly placements: Map<string, PlacementState>;
  /** The last deployment that switched; null: none has, or all hosts were asked to purge the app, or it was taken down. */
  inPlace: string | null;
  /** The host that has what the app stored: where a version that keeps data was last in place. Null: none, or it is to be removed. */
  dataOn: string | null;
  /** What it was denied, by the entry of `http_allow_list` that would allow it; those of late, 50 at the most. */
  readonly deniedHosts: Map<string, DeniedHostState>;
  /** What persons said yes to, by `grantKey`. */
  readonly grants: Map<string, GrantState>;
  /** Where it may be or not by a person's word, as `host:<name>`: there the grant counts, and not that it is there already. */
  readonly decidedHosts: Set<string>;
}

export interface DeniedHostState {
  readonly first: string;
  readonly last: string;
  /** As often as was told. */
  readonly times: number;
}

/** Something that an app may do. */
export interface GrantState {
  readonly capability: string;
  /** The only deployment that it is for; null: for every one, until it is revoked or no version in place asks for it any more. */
  readonly deployment: string | null;
  /** It was given to the app whatever its manifest says, and stays until it is revoked. */
  readonly beside: boolean;
  /** Of `http:app:<name>`: the app that was meant. */
  readonly app: string | null;
  /** Null: it is older than approvals. */
  readonly approval: string | null;
  readonly grantedAt: string;
  /** Persons. */
  readonly grantedBy: readonly string[];
}

/** Something that waits, or waited, for a person. */
export interface ApprovalState {
  readonly id: string;
  readonly office: string;
  readonly kind: ApprovalKind;
  readonly app: string | null;
  readonly deployment: string | null;
  readonly version: number | null;
  readonly digest: string | null;
  readonly command: ApprovedCommand | null;
  readonly added: readonly string[];
  readonly widened: readonly { readonly from: readonly string[]; readonly to: string }[];
  readonly removed: readonly string[];
  /** Apps that it names (`http:app:orders`), by capability: who had the name when it was asked for; null: nobody. */
  readonly named: ReadonlyMap<string, string | null>;
  readonly difference: string;
  readonly reasons: readonly string[];
  readonly doubts: readonly string[];
  readonly persons: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly policy: string | null;
  /** `withdrawn`: what it was about has ended without it. */
  status: 'open' | 'granted' | 'denied' | 'expired' | 'withdrawn';
  /** Who said yes, in their order. */
  readonly grantedBy: string[];
  /** By who said yes, the position of the event in which he last did. */
  readonly yesAt: Map<string, number>;
  once: boolean;
  decidedAt: string | null;
  /** Who said no; null: nobody. */
  deniedBy: string | null;
  /** Why somebody said no; empty: he did not say. */
  reason: string;
}

/** An app on one host. */
export interface PlacementState {
  assignment: AssignmentState;
  /** What the last deployment that succeeded here put in place: it serves while a newer one does not. */
  good: PlacedState | null;
  instance: InstanceState | null;
}

export interface VersionState {
  readonly version: number;
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  readonly name: string;
  readonly visibility: Visibility;
  readonly runtime: RunSettings;
  /** Static files that the node serves; null: there are none. */
  readonly assets: Readonly<Assets> | null;
  /** The manifest names `runtime.type`; else another runtime may stand in for it. */
  readonly runtimeDeclared: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly targets: readonly VersionTarget[];
  /** Capabilities that the manifest asks for. */
  readonly requests: readonly string[];
  /** Those whose values the app is given. */
  readonly secrets: readonly GrantedSecret[];
  readonly doubts: readonly string[];
  /** What it has without an approval. */
  readonly inherited: readonly string[];
  readonly publishedAt: string;
  readonly publishedBy: string;
  /** Its files are gone since then; null: they are there. */
  readonly removedAt: string | null;
}

export interface VersionTarget {
  readonly supervisor: string;
  readonly runtime: RuntimeKind | null;
  readonly env: Readonly<Record<string, string>>;
}

export interface ArtifactState {
  readonly version: number;
  readonly versionDigest: string;
  readonly kind: ArtifactKind;
  readonly builderDigest: string;
  readonly digest: string;
  readonly prefix: string;
  readonly buildMs: number;
}

export interface DeploymentState {
  readonly id: string;
  readonly app: string;
  readonly version: number;
  readonly digest: string;
  phase: DeploymentPhase;
  /** The last phase in which it went on; the same as `phase` until it ends. */
  reached: OpenPhase;
  /** Its artifact was missing and had to be built. */
  built: boolean;
  readonly requestedAt: string;
  readonly requestedBy: string;
  finishedAt: string | null;
  /** What it asks for instead of the version's `[[deploy]]`; null: nothing. */
  readonly targets: readonly VersionTarget[] | null;
  /** It may go where the data of the app is not. */
  readonly leaveData: boolean;
  /** The last approval that it waited for; null: it needed none so far. */
  approval: string | null;
  /** Of its assignments; 0 until it was decided where it goes. */
  generation: number;
  /** One for each target, in their order; empty until it was decided where it goes. */
  results: TargetResult[];
  /** Why it ended without being in place: it failed, was cancelled, or a newer one took its turn. */
  failure: Failure | null;
}

/** A deployment on one host. */
export interface TargetResult {
  readonly supervisor: string;
  readonly runtime: RuntimeKind;
  /** `[deploy.env]` of the target. */
  readonly env: Readonly<Record<string, string>>;
  /** ULA of the instance. */
  readonly address: string;
  /** What its host held such apps to when it was decided; null: it had not said. */
  readonly wall: Readonly<Wall> | null;
  /** The runtime that it was meant for, and why the host cannot run that; null: it has what it was meant for. */
  readonly standsInFor: { readonly runtime: RuntimeKind; readonly why: string } | null;
  /** The host was told. */
  told: boolean;
  /** Null: the host has not answered. */
  success: boolean | null;
  failure: Failure | null;
}

export interface Failure {
  readonly stage: string;
  readonly reason: string;
  readonly logTail: readonly string[];
}

/** A version placed on a host. */
export interface PlacedState {
  readonly supervisor: string;
  readonly deployment: string;
  readonly version: number;
  readonly generation: number;
  readonly environment: string;
  readonly runtime: RuntimeKind;
  readonly settings: RunSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly artifactDigest: string;
  readonly artifactPrefix: string;
  readonly address: string;
}

/** What one host is to run for an app. */
export interface AssignmentState extends PlacedState {
  /** Started through the API: never idle-stopped. */
  pinned: boolean;
  /** Stopped through the API, until a start or a deploy. */
  stopped: boolean;
  /** Position of the last `app_stop_requested`; 0 for none. */
  stopPosition: number;
  /** Position of the last `app_restart_requested` of this generation; 0 for none. */
  restartPosition: number;
  /** Position of the last `app_reset_requested` of this generation; 0 for none. */
  resetPosition: number;
  /** Position of an `app_purge_requested` that the host has not carried out yet; 0: none waits. */
  purgePosition: number;
  /** Position of the last of them that takes the data along; 0: none of those that wait does. */
  purgeDataPosition: number;
  /** The host keeps nothing of it any more, until the next deployment. */
  purged: boolean;
  /** How its restarts go, as the host last said. */
  restart: RestartState;
  /** What the host said about this generation; null: nothing yet. */
  outcome: 'running' | 'idle' | 'failed' | null;
  failure: Failure | null;
}

/** CONTRACTS §8; `parked`: not tried until a deployment or a reset. */
export interface RestartState {
  readonly status: 'running' | 'backoff' | 'crashloop' | 'parked';
  /** Failures in a row. */
  readonly failures: number;
  /** Before that it is not started; null: no such time. */
  readonly retryAt: string | null;
}

/** The app's process as its host last observed it. */
export interface InstanceState {
  readonly state: 'running' | 'stopped' | 'crashed';
  readonly generation: number;
  readonly version: number;
  /** Null when nothing runs. */
  readonly pid: number | null;
  /** It had outlived the office and was taken over. */
  readonly adopted: boolean;
  readonly since: string;
  /** Why it stopped or crashed. */
  readonly reason: string | null;
  readonly logTail: readonly string[];
}

/** Slug of the office that is there from the beginning. */
export const DEFAULT_OFFICE = 'default';

/** The office before its first event. */
export function emptyOffice(): OfficeState {
  return {
    position: 0,
    offices: new Map([
      [DEFAULT_OFFICE, { slug: DEFAULT_OFFICE, name: 'Default', createdAt: null, createdBy: 'system' }],
    ]),
    credentials: new Map(),
    tokenHashes: new Map(),
    revokedHashes: new Set(),
    sessions: new Map(),
    supervisors: new Map(),
    apps: new Map(),
    slugs: new Map(),
    addresses: new Map(),
    deployments: new Map(),
    approvals: new Map(),
    openApprovals: new Set(),
    policies: new Map(),
  };
}

/** A grant for one deployment stands beside the one for all. @param deployment null: for all */
export function grantKey(capability: string, deployment: string | null): string {
  return deployment === null ? capability : `${deployment} ${capability}`;
}

/** What an artifact is built from (CONTRACTS §5). */
export function artifactKey(versionDigest: string, kind: ArtifactKind, builderDigest: string): string {
  return `${versionDigest} ${kind} ${builderDigest}`;
}
