import { z } from 'zod';

/** What the node's API answers (CONTRACTS §7). Fields this program does not use are let through unread. */
export const problem = z.object({
  title: z.string().optional(),
  status: z.number().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  type: z.string().optional(),
  code: z.string().optional(),
});

/** An app on one of its hosts. */
const appInstance = z.object({
  supervisor: z.string(),
  runtime: z.string(),
  version: z.number().int(),
  state: z.string(),
  in_rotation: z.boolean(),
  address: z.string(),
  pid: z.number().int().nullable(),
  restart_status: z.string(),
  last_error: z.string().nullable(),
});
export const appReply = z.looseObject({
  uuid: z.string(),
  name: z.string(),
  slug: z.string().optional(),
  version: z.number().int().nullable(),
  runtime: z.string().nullable(),
  lifecycle: z.string().nullable(),
  state: z.string(),
  restart_status: z.string().optional(),
  restart_count: z.number().int().optional(),
  app_ula: z.string(),
  supervisor: z.string().nullable(),
  url: z.string(),
  path_url: z.string(),
  visibility: z.string().optional(),
  /** What about it waits for a person. */
  approval: z.string().nullish(),
  /** Of what was asked to be done to it: a person has to say yes first. */
  waits: z.boolean().optional(),
  instances: z.array(appInstance).default([]),
});
export const appsReply = z.object({ apps: z.array(appReply), next_cursor: z.string().nullish() });
export const publishedReply = z.object({
  uuid: z.string(),
  version: z.number().int(),
  digest: z.string(),
  warnings: z.array(z.string()),
});
export const storedReply = z.object({
  hosts: z.array(
    z.object({
      supervisor: z.string(),
      /** The app uses it; else it was left behind. */
      current: z.boolean(),
      /** Null: the host is away. */
      environments: z.array(z.object({ environment: z.string(), bytes: z.number() })).nullable(),
    }),
  ),
});
export const deployReply = z.object({ deployment_id: z.string() });
export const storedEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  segment: z.string(),
  actor: z.string(),
  position: z.number().int(),
  data: z.record(z.string(), z.unknown()),
  erased: z.string().optional(),
});
export const eventsReply = z.object({
  events: z.array(storedEvent),
  next: z.number().int().nullable(),
  head: z.number().int(),
  damaged: z.array(z.number().int()).default([]),
  searched_to: z.number().int().optional(),
});
const wall = z.object({ isolation: z.string(), limits: z.record(z.string(), z.string()) });
/** What a host holds the apps of a runtime to. */
const runtimeReply = wall.extend({
  kind: z.string(),
  lack: z.object({ why: z.string(), hint: z.string() }).optional(),
});
/** A runtime that a host cannot run. */
const refusedReply = z.object({ kind: z.string(), why: z.string(), hint: z.string() });
export const supervisorsReply = z.object({
  supervisors: z.array(
    z.looseObject({
      name: z.string(),
      state: z.string(),
      tags: z.array(z.string()),
      runtimes: z.array(runtimeReply).default([]),
      refused: z.array(refusedReply).default([]),
    }),
  ),
});
export const deploymentPhase = z.enum([
  ...(['requested', 'awaiting_approval', 'approved', 'building', 'placing', 'starting', 'healthy'] as const),
  ...(['switched', 'failed', 'cancelled', 'superseded'] as const),
]);
/** One host of a deployment; `success` is null while it has not answered. */
const targetResult = z.object({
  supervisor: z.string(),
  runtime: z.string(),
  success: z.boolean().nullable(),
  /** What its host held it to when that was decided; missing or null: it had not said. */
  wall: wall.nullish(),
  /** The runtime that it was meant for and that its host cannot run. */
  stands_in_for: z.object({ runtime: z.string(), why: z.string() }).nullish(),
  error: z.string().optional(),
  log_tail: z.array(z.string()).optional(),
});
export const deploymentReply = z.looseObject({
  id: z.string(),
  app: z.string(),
  version: z.number().int(),
  phase: z.string(),
  /** What it waits for, or waited for last. */
  approval: z.string().nullish(),
  requested_at: z.string(),
  requested_by: z.string(),
  finished_at: z.string().nullable(),
  stage: z.string().nullable(),
  reason: z.string().nullable(),
  results: z.array(targetResult).default([]),
  log_tail: z.array(z.string()).default([]),
});
export const deploymentsReply = z.object({ deployments: z.array(deploymentReply) });
export const deploymentStep = z.looseObject({
  phase: deploymentPhase,
  approval: z.string().nullish(),
  supervisor: z.string().nullish(),
  detail: z.string().nullish(),
  reason: z.string().nullish(),
  log_tail: z.array(z.string()).nullish(),
});

export type AppReply = z.infer<typeof appReply>;
export type StoredReply = z.infer<typeof storedReply>;
export type PublishedReply = z.infer<typeof publishedReply>;
export type EventReply = z.infer<typeof storedEvent>;
export type DeploymentReply = z.infer<typeof deploymentReply>;
export type DeploymentPhase = z.infer<typeof deploymentPhase>;
export type TargetResultReply = z.infer<typeof targetResult>;
export type AppInstanceReply = z.infer<typeof appInstance>;
export type DeploymentStep = z.infer<typeof deploymentStep>;
export type RuntimeReply = z.infer<typeof runtimeReply>;
export type RefusedReply = z.infer<typeof refusedReply>;
export type SupervisorReply = z.infer<typeof supervisorsReply>['supervisors'][number];
