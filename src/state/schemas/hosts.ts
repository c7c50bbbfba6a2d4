import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { appAssigned1 } from './app-assigned-1.ts';
import {
  app,
  deploymentId,
  generation,
  logTail,
  ordinal,
  reason,
  runSettings,
  runtimeKind,
  sha256,
  stage,
  supervisorName,
  textByName,
  version,
} from './settings.ts';

const wanted = {
  class: 'office',
  saidBy: 'node',
  segment: 'platform.hosts.<supervisor>',
  subject: 'app/<app>',
  earlier: [],
} as const;
const observed = { ...wanted, saidBy: 'supervisor' } as const;

/** What is wanted of a host, and what it observed (CONTRACTS §8). */
export const hostTypes: DomainTypes<
  | 'supervisor_joined'
  | 'app_assigned'
  | 'app_start_requested'
  | 'app_stop_requested'
  | 'assignment_applied'
  | 'assignment_failed'
  | 'app_started'
  | 'app_stopped'
  | 'app_crashed'
> = {
  supervisor_joined: {
    ...wanted,
    subject: 'supervisor/<name>',
    description: 'A host is part of the office, for the first time or with other runtimes than before.',
    newest: z.strictObject({
      name: supervisorName,
      tags: z.array(z.string()).describe('Runtimes it can run'),
    }),
  },
  app_assigned: {
    ...wanted,
    description: 'This host is to run this; it replaces what it had for the app.',
    newest: z.strictObject({
      supervisor: supervisorName,
      app,
      deployment_id: deploymentId,
      version,
      generation,
      environment: z.string().min(1).describe('`production` or `preview-<id>`'),
      runtime: runtimeKind,
      settings: runSettings,
      env: textByName.describe("Whole environment: the platform's, `[env]`, the target's"),
      artifact_digest: sha256,
      artifact_prefix: z.string().min(1).describe('Where the artifact lies in the object store'),
      address: z.ipv6().describe('ULA of the app'),
    }),
    earlier: [appAssigned1],
  },
  app_start_requested: {
    ...wanted,
    description: 'Somebody started the app: it is pinned and never stopped for being idle.',
    newest: z.strictObject({ app, supervisor: supervisorName }),
  },
  app_stop_requested: {
    ...wanted,
    description: 'Somebody stopped the app, until a start or a deployment.',
    newest: z.strictObject({ app, supervisor: supervisorName }),
  },
  assignment_applied: {
    ...observed,
    description: 'The host took up an assignment.',
    newest: z.strictObject({
      app,
      generation,
      outcome: z.enum(['running', 'idle']).describe('`idle`: it starts on the first request'),
    }),
  },
  assignment_failed: {
    ...observed,
    description: 'The host could not take up an assignment; what ran before runs on.',
    newest: z.strictObject({ app, generation, stage, reason, log_tail: logTail }),
  },
  app_started: {
    ...observed,
    description: 'A runner serves the app.',
    newest: z.strictObject({
      app,
      version,
      generation,
      pid: ordinal,
      adopted: z.boolean().describe('It had outlived the office and was taken over with the same pid'),
    }),
  },
  app_stopped: {
    ...observed,
    description: 'A runner ended as it was asked to.',
    newest: z.strictObject({ app, generation, reason }),
  },
  app_crashed: {
    ...observed,
    description: 'A runner ended by itself.',
    newest: z.strictObject({
      app,
      generation,
      code: z.int().nullable().describe('Exit code; null: a signal ended it'),
      signal: z.string().nullable(),
      log_tail: logTail,
    }),
  },
};
