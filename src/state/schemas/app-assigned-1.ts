import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import {
  app,
  deploymentId,
  generation,
  runSettings1,
  runtimeKind,
  sha256,
  supervisorName,
  textByName,
  version,
} from './settings.ts';

/** Schema 1 of `app_assigned`: no app kept data, so that the settings did not say how much. */
export const appAssigned1: EarlierSchema = {
  data: z.strictObject({
    supervisor: supervisorName,
    app,
    deployment_id: deploymentId,
    version,
    generation,
    environment: z.string().min(1).describe('`production` or `preview-<id>`'),
    runtime: runtimeKind,
    settings: runSettings1,
    env: textByName.describe("Whole environment: the platform's, `[env]`, the target's"),
    artifact_digest: sha256,
    artifact_prefix: z.string().min(1).describe('Where the artifact lies in the object store'),
    address: z.ipv6().describe('ULA of the app'),
  }),
  upcast: (data) => data,
};
