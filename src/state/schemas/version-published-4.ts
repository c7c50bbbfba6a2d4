import { z } from 'zod';
import type { JsonObject } from '../../log/index.ts';
import type { EarlierSchema } from '../domain-type.ts';
import { app, assets, count, lines, runSettings, sha256, target, textByName, version } from './settings.ts';

const data = z.strictObject({
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
  denied: lines.describe('What the manifest asks for that stays denied, as manifest keys'),
});

/**
 * Schema 4 of `version_published`: nothing was granted to any app, and nothing had to be approved. What such a version was given all
 * the same, its visibility and its hosts, it keeps; what was denied then it does not ask for.
 */
export const versionPublished4: EarlierSchema = {
  data,
  upcast: (given) => {
    const { denied: _, ...rest } = given;
    const { visibility, targets } = rest as { visibility?: unknown; targets?: unknown };
    const hosts = (Array.isArray(targets) ? targets : []).map(
      (each) => `host:${String((each as JsonObject).supervisor)}`,
    );
    const kept = [...new Set([...hosts, ...(visibility === 'public' ? ['visibility:public'] : [])])].sort();
    return { ...rest, requests: kept, secrets: [], doubts: [], inherited: kept };
  },
};
