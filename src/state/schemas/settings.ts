import { z } from 'zod';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
export const runtimeKind = z.enum(['wasm-http', 'worker', 'docker', 'firecracker']);
export const supervisorName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the name of a supervisor');
/** Slug of an office (the tenant of an envelope). */
export const officeSlug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the slug of an office');
/** Counts from 1. */
export const ordinal = z.int().min(1);
/** How many; 0 and more. */
export const count = z.int().min(0);
export const textByName = z.record(z.string(), z.string());
export const lines = z.array(z.string());
/** RFC 3339 with an offset. */
export const time = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time with an offset' });

export const app = z.uuid().describe('UUID of the app');
export const deploymentId = z.uuid().describe('UUID of the deployment');
export const generation = ordinal.describe('Which assignment of the app it is about; grows by one with each');
export const version = ordinal.describe("Number of the app's version");
export const stage = z.string().min(1).describe('What was being done when it failed, e.g. `build`');
export const reason = z.string().describe('Why, in words for a person');
export const logTail = lines.describe('Last lines of output');

export const artifactKind = z.enum(['wasm-http', 'module', 'docker', 'firecracker']);
/** A host that somebody asks for: `DeployTarget` of `events.ts`. */
export const target = z.strictObject({
  supervisor: z.string(),
  runtime: runtimeKind.nullable(),
  env: textByName,
});

/** Static files of a version: `Assets` of `events.ts`. */
export const assets = z.strictObject({
  folder: z.string().min(1).describe('Folder of the version; all that lies in it is served'),
  alone: z.boolean().describe('There is nothing else: nothing is built, placed or started'),
});

/** How an app is run, as it was said before apps kept data: for schemas of that time. */
export const runSettings1 = z.strictObject({
  type: runtimeKind,
  lifecycle: z.enum(['on_request', 'always_on']),
  idle_timeout_sec: z.number(),
  memory_mb: z.number(),
  entry: z.string().describe('wasm only: file of the component'),
  main: z.string().nullable().describe('Module that is bundled; null: there is none'),
  fuel_per_request: z.number().describe('wasm only: instructions a request may use'),
  isolation: z.enum(['pool', 'request']).describe('wasm only: does an instance serve many requests or one'),
  health_path: z.string(),
  health_timeout_sec: z.number(),
});

/** How an app is run: `RunSettings` of `events.ts`. */
export const runSettings = runSettings1.extend({
  data_mb: z.number().exactOptional().describe('MiB of data the app may keep; missing: it keeps none'),
});
