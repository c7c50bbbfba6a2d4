import { z } from 'zod';
import { lines, ordinal, runSettings, runtimeKind, sha256, supervisorName, textByName } from './settings.ts';

/** What happens to an app, said by the node on `tenant_<office>.apps`. */
export const appSchemas = {
  app_registered: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      name: z.string().min(1),
      slug: z.string().regex(/^[a-z0-9-]{1,63}$/),
      ula: z.ipv6(),
    }),
  },
  version_published: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      version: ordinal,
      digest: sha256,
      files: z.int().min(0),
      bytes: z.int().min(0),
      name: z.string().min(1),
      visibility: z.enum(['private', 'public']),
      runtime: runSettings,
      env: textByName,
      targets: z.array(
        z.strictObject({ supervisor: z.string(), runtime: runtimeKind.nullable(), env: textByName }),
      ),
      denied: lines,
    }),
  },
  artifact_built: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      version: ordinal,
      version_digest: sha256,
      kind: runtimeKind,
      builder_digest: z.string().min(1),
      digest: sha256,
      prefix: z.string().min(1),
      build_ms: z.number().min(0),
    }),
  },
  deployment_requested: {
    version: 1,
    data: z.strictObject({ app: z.uuid(), deployment_id: z.uuid(), version: ordinal, digest: sha256 }),
  },
  deployment_succeeded: {
    version: 1,
    data: z.strictObject({ app: z.uuid(), deployment_id: z.uuid(), version: ordinal }),
  },
  deployment_failed: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      deployment_id: z.uuid(),
      version: ordinal,
      stage: z.string().min(1),
      reason: z.string(),
      log_tail: lines,
    }),
  },
} as const;

/** What is wanted of a host and what it observed, on `platform.hosts.<supervisor>`. */
export const hostSchemas = {
  app_assigned: {
    version: 1,
    data: z.strictObject({
      supervisor: supervisorName,
      app: z.uuid(),
      deployment_id: z.uuid(),
      version: ordinal,
      generation: ordinal,
      environment: z.string().min(1),
      runtime: runtimeKind,
      settings: runSettings,
      env: textByName,
      artifact_digest: sha256,
      artifact_prefix: z.string().min(1),
      address: z.ipv6(),
    }),
  },
  app_start_requested: { version: 1, data: z.strictObject({ app: z.uuid(), supervisor: supervisorName }) },
  app_stop_requested: { version: 1, data: z.strictObject({ app: z.uuid(), supervisor: supervisorName }) },
  assignment_applied: {
    version: 1,
    data: z.strictObject({ app: z.uuid(), generation: ordinal, outcome: z.enum(['running', 'idle']) }),
  },
  assignment_failed: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      generation: ordinal,
      stage: z.string().min(1),
      reason: z.string(),
      log_tail: lines,
    }),
  },
  app_started: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      version: ordinal,
      generation: ordinal,
      pid: ordinal,
      adopted: z.boolean(),
    }),
  },
  app_stopped: {
    version: 1,
    data: z.strictObject({ app: z.uuid(), generation: ordinal, reason: z.string() }),
  },
  app_crashed: {
    version: 1,
    data: z.strictObject({
      app: z.uuid(),
      generation: ordinal,
      code: z.int().nullable(),
      signal: z.string().nullable(),
      log_tail: lines,
    }),
  },
} as const;
