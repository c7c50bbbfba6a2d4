import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import { app, count, lines, runSettings1, sha256, target, textByName, version } from './settings.ts';

/**
 * Schema 1 of `version_published`. A module whose manifest names no runtime was published as `wasm-http`: it stays with
 * that, as if it had been named.
 */
export const versionPublished1: EarlierSchema = {
  data: z.strictObject({
    app,
    version,
    digest: sha256.describe("SHA-256 of the version's `digest.json`"),
    files: count,
    bytes: count,
    name: z.string().min(1).describe('`app.name` of the manifest'),
    visibility: z.enum(['private', 'public']),
    runtime: runSettings1.describe('How it is run, defaults filled in'),
    env: textByName.describe('`[env]` of the manifest'),
    targets: z.array(target).describe('`[[deploy]]`; empty: the best eligible supervisor'),
    denied: lines.describe('What the manifest asks for that stays denied, as manifest keys'),
  }),
  upcast: (data) => ({ ...data, runtime_declared: true }),
};
