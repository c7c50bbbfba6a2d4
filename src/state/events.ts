import type { Lifecycle, RuntimeKind, SecretKind, Visibility, WasmIsolation } from '../app/index.ts';

/**
 * The domain events this version knows, by type: the shape of `data`, and where each is appended.
 * Names are snake_case, past tense (CONTRACTS §6). Fields are snake_case because they are a stored format.
 */
export interface DomainEvents {
  /** Segment `tenant_<office>.members`, subject `office/<slug>`. The office `default` is there from the beginning. */
  office_created: { office: string; name: string };
  /**
   * Schema 2. Segment `tenant_<office>.members`, subject `credential/<id>`. The token itself is never in the log.
   * (Schema 1 had no `role` and no `expires_at`, and knew persons and supervisors only.)
   */
  credential_issued: {
    credential_id: string;
    kind: PrincipalKind;
    /**
     * Principal, e.g. `owner` or the supervisor's name; the actor is `user:<name>`, `supervisor:<name>`,
     * `agent:<name>` or `app:<uuid>`.
     */
    name: string;
    /** The fixed set of scopes that was meant; null: `scopes` were chosen one by one. */
    role: Role | null;
    scopes: string[];
    /** SHA-256 of the token, lower-case hex. */
    token_sha256: string;
    /** RFC 3339; null: never. */
    expires_at: string | null;
  };
  /** Segment and subject as `credential_issued`. Ends the credential at once, on open streams too. */
  credential_revoked: { credential_id: string; reason: string };
  /** Segment `tenant_<office>.members`, subject `session/<id>`. What the browser keeps of it is never in the log. */
  session_started: {
    session_id: string;
    /** In whose place the browser asks; the session ends with it. */
    credential_id: string;
    /** SHA-256 of what the cookie holds, lower-case hex. */
    secret_sha256: string;
    /** How somebody signed in: by a link that a credential asked for, or by showing the credential itself. */
    by: 'link' | 'token';
    /** Coarse, e.g. `Firefox on Linux`. */
    browser: string;
    /** RFC 3339. */
    expires_at: string;
  };
  /** Segment and subject as `session_started`. Said once a day at most: a session that nobody uses ends. */
  session_used: { session_id: string };
  /** Segment and subject as `session_started`. Ends the session at once, on open streams too. */
  session_ended: { session_id: string; reason: string };
  /**
   * Class traffic, segment `tenant_<office>.audit`, subject `credential/<id>`: the API refused what a known actor asked.
   * Rate-limited: `suppressed` counts those of the same credential that were not written down before this one.
   */
  request_refused: {
    credential_id: string;
    method: string;
    /** Path template of the route, e.g. `/v1/apps/{uuid}/deploy`; never the path itself. */
    route: string;
    status: number;
    /** Code of the error, e.g. `not_allowed`. */
    code: string;
    suppressed: number;
  };
  /** Segment `tenant_<office>.audit`, subject of what was erased. Bodies of `subject` became tombstones, its keys are gone. */
  payload_erased: {
    subject: string;
    /** `asked`: a person erased the subject; `age` or `size`: retention, one event per run that erased something. */
    reason: 'asked' | 'age' | 'size';
    /** Tombstones made now. */
    events: number;
    /** Bytes of bodies and blobs. */
    bytes: number;
    /** Keys that were destroyed. */
    keys: number;
    /** Position up to which it looked. */
    through: number;
  };
  /**
   * Segment `tenant_<office>.secrets`, subject `secret/<name>`: a value was sealed, as the first of its name (`version` 1) or in
   * the place of the one before. The value is in no event.
   */
  secret_registered: { name: string; kind: SecretKind; version: number };
  /** Segment and subject as `secret_registered`. `version`: the one that is gone. */
  secret_deleted: { name: string; kind: SecretKind; version: number };
  /**
   * Segment `tenant_<office>.approvals`, subject `approval/<id>`. A decision names `difference`, so that nobody says yes to something
   * else than what he saw. Without one until `expires_at` it is denied.
   */
  approval_requested: {
    approval_id: string;
    kind: ApprovalKind;
    app: string | null;
    deployment_id: string | null;
    version: number | null;
    /** Of the version; of a policy, of its text. */
    digest: string | null;
    command: ApprovedCommand | null;
    added: string[];
    widened: { from: string[]; to: string }[];
    removed: string[];
    difference: string;
    reasons: string[];
    doubts: string[];
    /** How many persons have to say yes. */
    persons: number;
    requested_by: string;
    /** RFC 3339. */
    expires_at: string;
    policy: string | null;
  };
  /** One for each person who says yes; `complete` with the last that is needed. */
  approval_granted: { approval_id: string; difference: string; once: boolean; complete: boolean };
  approval_denied: { approval_id: string; reason: string };
  approval_expired: { approval_id: string };
  /** Segment as above, subject `app/<uuid>`. */
  grant_revoked: { app: string; capability: string };
  /** Segment `platform.hosts.<supervisor>`, subject `app/<uuid>`: follows a change of what a placed app was granted. */
  app_grant_changed: { app: string; supervisor: string };
  /** Segment as above, subject `office/<slug>`. */
  policy_set: { policy: string };
  /** Segment `tenant_<office>.audit`, subject `office/<slug>`: asked for through the API. */
  projections_rebuilt: { names: string[] };
  /**
   * Class traffic, said by a supervisor on `platform.hosts.<supervisor>`, subject `app/<uuid>`: what became of an event
   * that an app subscribes to. The projection `deliveries` keeps the last word per (app, event).
   */
  delivery_succeeded: { app: string; event_position: number; event_type: string; attempts: number };
  delivery_failed: {
    app: string;
    event_position: number;
    event_type: string;
    attempts: number;
    /** HTTP status of the app's answer; null: it did not answer. */
    status: number | null;
    reason: string;
    /** RFC 3339; null: it is not tried again, the event is a dead letter. */
    retry_at: string | null;
  };
  /** Segment `platform.hosts.<name>`, subject `supervisor/<name>`: at the first join and when tags change. */
  supervisor_joined: { name: string; tags: string[] };
  /** Segment `tenant_<office>.apps`, subject `app/<uuid>`, as are all events of apps unless said otherwise. */
  app_registered: { app: string; name: string; slug: string; ula: string };
  /**
   * Schema 5. (Schema 1 did not say whether the manifest names the runtime: an app that left it open was published as
   * `wasm-http`. Schema 2 knew no static files, schema 3 no data, schema 4 no grants.)
   */
  version_published: {
    app: string;
    version: number;
    /** SHA-256 of the version's digest.json, lower-case hex. */
    digest: string;
    files: number;
    bytes: number;
    name: string;
    visibility: Visibility;
    runtime: RunSettings;
    /** Static files that the node serves (`build.assets`); null: there are none. */
    assets: Assets | null;
    /** The manifest names `runtime.type`; else it follows from the build, and another runtime may stand in for it. */
    runtime_declared: boolean;
    /** `[env]`. */
    env: Record<string, string>;
    /** Supervisors and runtimes asked for by `[[deploy]]`; empty: the best eligible supervisor. */
    targets: DeployTarget[];
    /** Capabilities that the manifest asks for. */
    requests: string[];
    /** Secrets whose values the app is given, once they are granted. */
    secrets: { name: string; env_var: string; required: boolean }[];
    /** What stands under `[capabilities]` and `[[secrets]]` and is not known, in words. */
    doubts: string[];
    /** Capabilities that it has without an approval: it was published before there were any. */
    inherited: string[];
  };
  /** Its files and artifacts are gone from the store; its number is not given again. */
  version_removed: {
    app: string;
    version: number;
    /** `asked`: by the actor; `retention`: the office keeps so many only. */
    why: 'asked' | 'retention';
  };
  /** Schema 2. (In schema 1 an artifact was of the kind of its runtime.) */
  artifact_built: {
    app: string;
    version: number;
    version_digest: string;
    kind: ArtifactKind;
    builder_digest: string;
    /** SHA-256 of the artifact's digest.json, lower-case hex. */
    digest: string;
    /** Prefix of the artifact in the object store. */
    prefix: string;
    /** Milliseconds the build took. */
    build_ms: number;
  };
  /**
   * Schema 3. `targets`: instead of the version's `[[deploy]]`, which schema 1 always meant; null: as the version says.
   * (Schema 2 did not know `leave_data`.)
   */
  deployment_requested: {
    app: string;
    deployment_id: string;
    version: number;
    digest: string;
    targets: DeployTarget[] | null;
    /** It may go where the data of the app is not. */
    leave_data: boolean;
  };
  /** Said before a build begins; what comes of it is `artifact_built` or the deployment's end. */
  deployment_build_started: { app: string; deployment_id: string; version: number };
  /**
   * Schema 2. Where it goes, decided once; `app_assigned` follows for each of the targets. (Schema 1 did not say what
   * stands around the app, and knew no stand-ins.)
   */
  deployment_placed: {
    app: string;
    deployment_id: string;
    version: number;
    /** Of all its assignments. */
    generation: number;
    targets: PlacedTarget[];
  };
  /** One of its hosts did not answer in time. What a host says of itself is `assignment_failed`. */
  deployment_target_failed: {
    app: string;
    deployment_id: string;
    version: number;
    supervisor: string;
    stage: string;
    reason: string;
  };
  /** Of a version that is static files alone it follows the request: no host has to hear of it. */
  deployment_succeeded: { app: string; deployment_id: string; version: number };
  deployment_failed: {
    app: string;
    deployment_id: string;
    version: number;
    stage: string;
    reason: string;
    log_tail: string[];
  };
  deployment_cancelled: { app: string; deployment_id: string; version: number };
  /** `by`: the newer deployment of the app that takes its turn. */
  deployment_superseded: { app: string; deployment_id: string; version: number; by: string };
  /** Static files alone that were in place are served no more, until the next deployment: asked for through the API. */
  app_taken_down: { app: string; deployment_id: string };
  /** Schema 2 (in schema 1 no app kept data). Segment `platform.hosts.<supervisor>`, subject `app/<uuid>`: this host is to run this; replaces what it had for the app. */
  app_assigned: {
    supervisor: string;
    app: string;
    deployment_id: string;
    version: number;
    /** Integer ≥ 1, grows with each deployment of the app and each return from one; a host refuses a lower one. */
    generation: number;
    environment: string;
    runtime: RuntimeKind;
    settings: RunSettings;
    /** Whole environment of the app: platform values, `[env]`, target's env. */
    env: Record<string, string>;
    artifact_digest: string;
    artifact_prefix: string;
    /** ULA of the instance: the app's own for the first target. */
    address: string;
  };
  /** Segment `platform.hosts.<supervisor>`, subject `app/<uuid>`: asked for through the API; a started app is pinned. */
  app_start_requested: { app: string; supervisor: string };
  app_stop_requested: { app: string; supervisor: string };
  app_restart_requested: { app: string; supervisor: string };
  app_reset_requested: { app: string; supervisor: string };
  /** Schema 2. `data`: what the app has stored goes as well. (Schema 1 did not say; each purge took it along.) */
  app_purge_requested: { app: string; supervisor: string; data: boolean };
  /** Said by a supervisor on `platform.hosts.<supervisor>`: it took up a generation (`idle`: will start on the first request). */
  assignment_applied: { app: string; generation: number; outcome: 'running' | 'idle' };
  assignment_failed: { app: string; generation: number; stage: string; reason: string; log_tail: string[] };
  /** Said by a supervisor: a runner serves. `adopted`: it had outlived the office and was taken over, same pid. */
  app_started: { app: string; version: number; generation: number; pid: number; adopted: boolean };
  app_stopped: { app: string; generation: number; reason: string };
  app_idled: { app: string; generation: number };
  /** Said by a supervisor: restarts after failures wait, are given up (`parked`), or are over (`running`). */
  app_restart_changed: {
    app: string;
    generation: number;
    status: 'running' | 'backoff' | 'crashloop' | 'parked';
    /** Failures in a row. */
    failures: number;
    /** RFC 3339; null: there is no time to wait for. */
    retry_at: string | null;
  };
  /** Said by a supervisor: it keeps nothing of the app any more. `purge_position`: of the request. */
  app_purged: { app: string; generation: number; purge_position: number };
  /**
   * Said by a supervisor: the app was denied what this entry of `http_allow_list` would allow. Once for each entry and generation, for 50 of
   * them; `times`: so often until it was told.
   */
  egress_denied: { app: string; generation: number; entry: string; times: number };
  app_crashed: {
    app: string;
    generation: number;
    code: number | null;
    signal: string | null;
    log_tail: string[];
  };
}

export type DomainEventType = keyof DomainEvents;

/** What has to be approved. */
export type ApprovalKind = 'deployment' | 'life_cycle' | 'capability' | 'policy';

/** What an agent wants done to an app; `purge_data` takes along what it has stored. */
export type ApprovedCommand = 'start' | 'stop' | 'restart' | 'reset' | 'purge' | 'purge_data';

export type PrincipalKind = 'person' | 'supervisor' | 'agent' | 'app';

/** Fixed sets of scopes (CONTRACTS §2); which scopes each holds is the node's to say. */
export type Role = 'owner' | 'developer' | 'approver' | 'viewer';

/** A host that is asked for. `runtime` null: as the version says; `env` goes before the app's, key by key. */
export interface DeployTarget {
  supervisor: string;
  runtime: RuntimeKind | null;
  env: Record<string, string>;
}

/** What runs of a version: `module` one JavaScript module with all it imports, the others as their runtime is called. */
export type ArtifactKind = 'wasm-http' | 'module' | 'docker' | 'firecracker';

/** Static files of a version. */
export interface Assets {
  /** Folder of the version, e.g. `public`; all that lies in it is served. */
  folder: string;
  /** There is nothing else: nothing is built, placed or started. */
  alone: boolean;
}

/** A host that a deployment goes to. */
export interface PlacedTarget {
  supervisor: string;
  runtime: RuntimeKind;
  env: Record<string, string>;
  address: string;
  /** What the host held apps of this runtime to when it was decided; null: it had not said. */
  wall: Wall | null;
  /** The runtime that the app was meant for and that the host cannot run; null: it has what it was meant for. */
  stands_in_for: { runtime: RuntimeKind; why: string } | null;
}

/** The wall around an app (CONTRACTS §4). */
export interface Wall {
  /** `wasm-bare`, `process`, `wasm` or `vm`. */
  isolation: string;
  /** `enforced`, `best_effort` or `unsupported`, by what is bounded. */
  limits: Record<string, string>;
}

/** How an app is run, as the manifest says it (defaults filled in). */
export interface RunSettings {
  type: RuntimeKind;
  lifecycle: Lifecycle;
  idle_timeout_sec: number;
  memory_mb: number;
  entry: string;
  main: string | null;
  fuel_per_request: number;
  isolation: WasmIsolation;
  health_path: string;
  health_timeout_sec: number;
  /** MiB of data that the app may keep; missing: it keeps none (CONTRACTS §9). */
  data_mb?: number;
}
