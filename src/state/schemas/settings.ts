import { z } from 'zod';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
export const runtimeKind = z.enum(['wasm-http', 'worker', 'docker', 'firecracker']);
export const supervisorName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be the name of a supervisor');
/** Counts from 1. */
export const ordinal = z.int().min(1);
export const textByName = z.record(z.string(), z.string());
export const lines = z.array(z.string());

/** How an app is run: `RunSettings` of `events.ts`. */
export const runSettings = z.strictObject({
  type: runtimeKind,
  lifecycle: z.enum(['on_request', 'always_on']),
  idle_timeout_sec: z.number(),
  memory_mb: z.number(),
  entry: z.string(),
  main: z.string().nullable(),
  fuel_per_request: z.number(),
  isolation: z.enum(['pool', 'request']),
  health_path: z.string(),
  health_timeout_sec: z.number(),
});
