import { z } from 'zod';
import { NO_GRANT } from '../app/index.ts';
import { type Endpoint, httpEndpoint, isEndpoint } from '../kit/index.ts';
import { runSettings, runtimeKind } from '../state/index.ts';

/**
 * What node and supervisor say to each other over HTTP.
 *
 * Supervisor → node (`Authorization: Bearer <supervisor credential>`):
 *   POST /v1/supervisors            join, with an owner credential        → 201 JoinReply
 *   PUT  /v1/supervisors/{name}     announce presence, at every (re)start and every 30 s → 204
 *   GET  /v1/supervisors/{name}/desired                                   → DesiredState
 *   GET  /v1/events/stream?segment=platform.hosts.<name>&after=<position> → SSE; each event: fetch `desired` again
 *   POST /v1/events                 observations (assignment_applied, app_started, …), with stable ids
 *
 * Node → supervisor (`Authorization: Bearer <control_key>`), errors as problem+json:
 *   GET  /health                    open                                  → {"status":"ok","supervisor":name}
 *   GET  /v1/apps                                                         → { apps: InstanceStatus[] }
 *   POST /v1/apps/{uuid}/wake       starts it if needed, answers when it serves → WakeReply; 503 + Retry-After when it cannot
 *   POST /v1/apps/{uuid}/stop                                             → 204
 *   GET  /v1/apps/{uuid}/logs?tail=200&follow=1&since=&until=&origin=&q=&format=  → text/plain or JSON lines, streamed while following
 *   GET  /v1/apps/{uuid}/metrics?from=&to=&step=                          → Chart (metrics/read-history.ts)
 *   *    /v1/apps/{uuid}/data/kv… and /data/sql                            → as the app API answers the app (docs/data.md)
 *   GET  /v1/metrics                                                      → { apps: AppNow[] }, looked at just now
 */
export const joinRequest = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  /**
   * What becomes of a credential that the name has already. Default false: the join is refused (409). `if_away`: it
   * ends, unless a supervisor of that name is there now. true: it ends.
   */
  replace: z.union([z.boolean(), z.literal('if_away')]).optional(),
});
export const joinReply = z.object({ name: z.string(), credential: z.string() });

/** What a host holds the apps of a runtime to. Words that a node does not know are of a newer supervisor: it shows them as they are. */
export const runtimeDescription = z.object({
  kind: z.string().min(1).max(64),
  /** `wasm-bare`, `process`, `wasm` or `vm` (CONTRACTS §4). */
  isolation: z.string().min(1).max(64),
  /** By what is bounded, `memory`, `fuel`, `cpu`: `enforced`, `best_effort` or `unsupported`. */
  limits: z.record(z.string().max(64), z.string().max(64)),
  /** Why it holds less there than it could, in words for a person, and what helps; missing: nothing is lacking, or it does not say. */
  lack: z.object({ why: z.string().min(1).max(1024), hint: z.string().max(1024) }).optional(),
});

/** A runtime that a host cannot run. */
export const runtimeRefusal = z.object({
  kind: z.string().min(1).max(64),
  /** In words for a person, e.g. `bubblewrap is not installed`. */
  why: z.string().min(1).max(1024),
  /** What helps there. */
  hint: z.string().max(1024),
});

export const presence = z.object({
  /** Base URL of the supervisor's API, e.g. `http://127.0.0.1:8730`. */
  url: z.url({ protocol: /^https?$/ }).max(512),
  /** Runtimes this host can run; every change of them is kept for ever. */
  tags: z.array(z.string().min(1).max(64)).max(64),
  /** Supervisors of the version before do not say. */
  runtimes: z.array(runtimeDescription).max(16).optional(),
  /** Runtimes that this host would run if it could. Supervisors of the version before do not say. */
  refused: z.array(runtimeRefusal).max(16).optional(),
  /** Bearer the node has to show; made anew at every start of the supervisor, held in memory on both sides. */
  control_key: z.string().min(32).max(512),
});

/** A newer node may say more than this version of the supervisor knows. */
const settings = z.object(runSettings.shape);

/** `AppGrant`; a node of the version before grants nothing. */
export const grant = z.object({
  http: z.array(z.string()).readonly(),
  apps: z.array(z.object({ name: z.string(), id: z.string() })).readonly(),
  call_key: z.string().optional(),
  secrets: z.array(z.object({ name: z.string(), env_var: z.string(), required: z.boolean() })).readonly(),
  withheld: z.array(z.string()).readonly().optional(),
});

/** One app that this host is to run. */
export const assignment = z.object({
  app: z.string(),
  name: z.string(),
  version: z.number().int(),
  generation: z.number().int(),
  environment: z.string(),
  runtime: runtimeKind,
  /** Digest of the artifact, as the log has it: what is fetched must match. */
  digest: z.string(),
  artifact_prefix: z.string(),
  settings,
  env: z.record(z.string(), z.string()),
  grant: grant.default(NO_GRANT),
  address: z.string(),
  /** Started through the API: never idle-stopped. */
  pinned: z.boolean(),
  /** Stopped through the API: not started by a supervisor's start, only by a request, a start or a deploy. */
  stopped: z.boolean(),
  /** Position of the last stop asked for through the API, 0 for none: a runner woken since then goes on, one from before ends. */
  stop_position: z.number().int(),
  /** Positions of the last restart, reset and purge that were asked for, 0 for none: each is carried out once. */
  restart_position: z.number().int().default(0),
  reset_position: z.number().int().default(0),
  purge_position: z.number().int().default(0),
  /** Position of the last purge that takes the data along. A node of the version before does not say: no data is removed. */
  purge_data_position: z.number().int().default(0),
});

export const desiredState = z.object({ position: z.number().int(), assignments: z.array(assignment) });

/** Where an app answers now. Supervisors of the version before say `host` and `port` where `endpoint` stands now. */
export const wakeReply = z
  .object({
    endpoint: z.custom<Endpoint>(isEndpoint).optional(),
    host: z.string().optional(),
    port: z.number().int().optional(),
    runner_key: z.string(),
    generation: z.number().int(),
    version: z.number().int(),
  })
  .transform(({ endpoint, host, port, ...reply }, context) => {
    if (endpoint !== undefined) return { ...reply, endpoint };
    if (host !== undefined && port !== undefined) return { ...reply, endpoint: httpEndpoint(host, port) };
    context.addIssue({ code: 'custom', path: ['endpoint'], message: 'Required' });
    return z.NEVER;
  });

export const instanceStatus = z.object({
  app: z.string(),
  state: z.enum(['idle', 'starting', 'running', 'stopped', 'failed']),
  generation: z.number().int(),
  version: z.number().int(),
  pid: z.number().int().nullable(),
  adopted: z.boolean(),
  started_at: z.string().nullable(),
  /** CONTRACTS §8; `parked`: not tried until a deployment or a reset. */
  restart_status: z.enum(['running', 'backoff', 'crashloop', 'parked']).default('running'),
  /** Failures in a row. */
  restart_count: z.number().int(),
  last_error: z.string().nullable(),
});

export type JoinRequest = z.infer<typeof joinRequest>;
export type JoinReply = z.infer<typeof joinReply>;
export type Presence = z.infer<typeof presence>;
export type Assignment = z.infer<typeof assignment>;
export type DesiredState = z.infer<typeof desiredState>;
export type WakeReply = z.infer<typeof wakeReply>;
export type InstanceStatus = z.infer<typeof instanceStatus>;
