import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import { app, deploymentId, sha256, version } from './settings.ts';

/** Schema 1 of `deployment_requested`: always where the version says. */
export const deploymentRequested1: EarlierSchema = {
  data: z.strictObject({
    app,
    deployment_id: deploymentId,
    version,
    digest: sha256.describe('Digest of the version'),
  }),
  upcast: (data) => ({ ...data, targets: null }),
};
