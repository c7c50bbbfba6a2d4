import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import { app, assets, count, lines, runSettings1, sha256, target, textByName, version } from './settings.ts';

/** Schema 3 of `version_published`: no app kept data, so that the settings did not say how much. */
export const versionPublished3: EarlierSchema = {
  data: z.strictObject({
    app,
    version,
    digest: sha256.describe("SHA-256 of the version's `digest.json`"),
    files: count,
    bytes: count,
    name: z.string().min(1).describe('`app.name` of the manifest'),
    visibility: z.enum(['private', 'public']),
    runtime: runSettings1.describe('How it is run, defaults filled in'),
    assets: assets.nullable().describe('Static files that the node serves; null: there are none'),
    runtime_declared: z
      .boolean()
      .describe('The manifest names the runtime; else it follows from the build, and another may stand in'),
    env: textByName.describe('`[env]` of the manifest'),
    targets: z.array(target).describe('`[[deploy]]`; empty: the best eligible supervisor'),
    denied: lines.describe('What the manifest asks for that stays denied, as manifest keys'),
  }),
  upcast: (data) => data,
};
