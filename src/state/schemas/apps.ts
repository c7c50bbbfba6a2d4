import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { artifactBuilt1 } from './artifact-built-1.ts';
import { deploymentPlaced1 } from './deployment-placed-1.ts';
import { deploymentRequested1 } from './deployment-requested-1.ts';
import { deploymentRequested2 } from './deployment-requested-2.ts';
import {
  app,
  artifactKind,
  assets,
  count,
  deploymentId,
  generation,
  lines,
  logTail,
  reason,
  runSettings,
  runtimeKind,
  sha256,
  stage,
  supervisorName,
  target,
  textByName,
  version,
} from './settings.ts';
import { versionPublished1 } from './version-published-1.ts';
import { versionPublished2 } from './version-published-2.ts';
import { versionPublished3 } from './version-published-3.ts';
import { versionPublished4 } from './version-published-4.ts';

/** What all events of apps have in common unless a host is concerned. */
const ofApps = {
  class: 'office',
  saidBy: 'node',
  segment: 'tenant_<office>.apps',
  subject: 'app/<app>',
  earlier: [],
} as const;

/** What happens to an app in its office. */
export const appTypes: DomainTypes<
  | 'app_registered'
  | 'version_published'
  | 'version_removed'
  | 'artifact_built'
  | 'deployment_requested'
  | 'deployment_build_started'
  | 'deployment_placed'
  | 'deployment_target_failed'
  | 'deployment_succeeded'
  | 'deployment_failed'
  | 'deployment_cancelled'
  | 'deployment_superseded'
  | 'app_taken_down'
> = {
  app_registered: {
    ...ofApps,
    description: 'An app has its name and its address, at its first push or when it takes another name.',
    newest: z.strictObject({
      app,
      name: z.string().min(1),
      slug: z
        .string()
        .regex(/^[a-z0-9-]{1,63}$/)
        .describe('What the name makes in URLs; unique in its office'),
      ula: z.ipv6().describe('Address that follows from the UUID'),
    }),
  },
  version_published: {
    ...ofApps,
    description: 'A version of the app was pushed; it never changes again.',
    newest: z.strictObject({
      app,
      version,
      digest: sha256.describe("SHA-256 of the version's `digest.json`"),
      files: count,
      bytes: count,
      name: z.string().min(1).describe('`app.name` of the manifest'),
      visibility: z.enum(['private', 'public']),
      runtime: runSettings.describe('How it is run, defaults filled in'),
      assets: assets.nullable().describe('Static files that the node serves; null: there are none'),
      runtime_declared: z
        .boolean()
        .describe('The manifest names the runtime; else it follows from the build, and another may stand in'),
      env: textByName.describe('`[env]` of the manifest'),
      targets: z.array(target).describe('`[[deploy]]`; empty: the best eligible supervisor'),
      requests: lines.describe('What the manifest asks for that has to be granted, as capabilities'),
      secrets: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            env_var: z
              .string()
              .min(1)
              .describe('Variable that has the value, or the path of the file with it'),
            required: z.boolean().describe('Without its value the app does not start'),
          }),
        )
        .describe('Secrets whose values the app is given, once they are granted'),
      doubts: lines.describe('What stands under `[capabilities]` and `[[secrets]]` and is not known'),
      inherited: lines.describe(
        'What it has without an approval, since it was published before there were any; empty for what is published now',
      ),
    }),
    earlier: [versionPublished1, versionPublished2, versionPublished3, versionPublished4],
  },
  version_removed: {
    ...ofApps,
    description:
      'The files of a version and what was built of them are gone from the store; its number is not given again.',
    newest: z.strictObject({
      app,
      version,
      why: z
        .enum(['asked', 'retention'])
        .describe('`asked`: by the actor; `retention`: the office keeps so many versions only'),
    }),
  },
  artifact_built: {
    ...ofApps,
    description: 'What runs was built from a version.',
    newest: z.strictObject({
      app,
      version,
      version_digest: sha256.describe('Digest of the version it was built from'),
      kind: artifactKind.describe('`module`: what the runtime `worker` runs'),
      builder_digest: z.string().min(1).describe('What built it'),
      digest: sha256.describe("SHA-256 of the artifact's `digest.json`"),
      prefix: z.string().min(1).describe('Where it lies in the object store'),
      build_ms: z.number().min(0).describe('Milliseconds the build took'),
    }),
    earlier: [artifactBuilt1],
  },
  deployment_requested: {
    ...ofApps,
    description: 'Somebody wants a version to be put in place.',
    newest: z.strictObject({
      app,
      deployment_id: deploymentId,
      version,
      digest: sha256.describe('Digest of the version'),
      targets: z
        .array(target)
        .nullable()
        .describe("Where, instead of the version's `[[deploy]]`; null: as the version says"),
      leave_data: z.boolean().describe('It may go where the data of the app is not, and begin without it'),
    }),
    earlier: [deploymentRequested1, deploymentRequested2],
  },
  deployment_build_started: {
    ...ofApps,
    description: 'The artifact of a deployment was missing, and its build begins.',
    newest: z.strictObject({ app, deployment_id: deploymentId, version }),
  },
  deployment_placed: {
    ...ofApps,
    description: 'It was decided where a deployment goes; each of the hosts is told next.',
    newest: z.strictObject({
      app,
      deployment_id: deploymentId,
      version,
      generation,
      targets: z
        .array(
          z.strictObject({
            supervisor: supervisorName,
            runtime: runtimeKind,
            env: textByName.describe('`[deploy.env]`'),
            address: z.ipv6().describe('ULA of the instance; the first one has that of the app'),
            wall: z
              .strictObject({
                isolation: z.string().describe('Class of the wall around the app, e.g. `process`'),
                limits: textByName.describe('`enforced`, `best_effort` or `unsupported`, by what is bounded'),
              })
              .nullable()
              .describe('What the host held such apps to then; null: it had not said'),
            stands_in_for: z
              .strictObject({
                runtime: runtimeKind.describe('What the app was meant for'),
                why: z.string().describe('Why the host cannot run that, in words for a person'),
              })
              .nullable()
              .describe('The runtime in whose place this one is; null: in none'),
          }),
        )
        .min(1),
    }),
    earlier: [deploymentPlaced1],
  },
  deployment_target_failed: {
    ...ofApps,
    description: 'A host of a deployment did not answer in time; its other hosts go on.',
    newest: z.strictObject({
      app,
      deployment_id: deploymentId,
      version,
      supervisor: supervisorName,
      stage,
      reason,
    }),
  },
  deployment_succeeded: {
    ...ofApps,
    description: 'The version of a deployment is in place.',
    newest: z.strictObject({ app, deployment_id: deploymentId, version }),
  },
  deployment_failed: {
    ...ofApps,
    description: 'A deployment did not put its version in place; what was there before stays.',
    newest: z.strictObject({
      app,
      deployment_id: deploymentId,
      version,
      stage,
      reason,
      log_tail: logTail,
    }),
  },
  deployment_cancelled: {
    ...ofApps,
    description: 'Somebody called a deployment off; what was there before stays.',
    newest: z.strictObject({ app, deployment_id: deploymentId, version }),
  },
  deployment_superseded: {
    ...ofApps,
    description: 'A newer deployment of the app was asked for before any host was told of this one.',
    newest: z.strictObject({
      app,
      deployment_id: deploymentId,
      version,
      by: deploymentId.describe('The newer deployment'),
    }),
  },
  app_taken_down: {
    ...ofApps,
    description: 'Static files alone that were in place are served no more, until the next deployment.',
    newest: z.strictObject({ app, deployment_id: deploymentId }),
  },
};
