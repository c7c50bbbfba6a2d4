import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import { app, runtimeKind, sha256, version } from './settings.ts';

/** Schema 1 of `artifact_built`: an artifact was called after the runtime it was made for. */
export const artifactBuilt1: EarlierSchema = {
  data: z.strictObject({
    app,
    version,
    version_digest: sha256.describe('Digest of the version it was built from'),
    kind: runtimeKind,
    builder_digest: z.string().min(1).describe('What built it'),
    digest: sha256.describe("SHA-256 of the artifact's `digest.json`"),
    prefix: z.string().min(1).describe('Where it lies in the object store'),
    build_ms: z.number().min(0).describe('Milliseconds the build took'),
  }),
  upcast: (data) => ({ ...data, kind: data.kind === 'worker' ? 'module' : (data.kind ?? '') }),
};
