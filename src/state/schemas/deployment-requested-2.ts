import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import { app, deploymentId, sha256, target, version } from './settings.ts';

/** Schema 2 of `deployment_requested`: an app went wherever it was sent, whatever it had stored. */
export const deploymentRequested2: EarlierSchema = {
  data: z.strictObject({
    app,
    deployment_id: deploymentId,
    version,
    digest: sha256.describe('Digest of the version'),
    targets: z
      .array(target)
      .nullable()
      .describe("Where, instead of the version's `[[deploy]]`; null: as the version says"),
  }),
  upcast: (data) => ({ ...data, leave_data: false }),
};
