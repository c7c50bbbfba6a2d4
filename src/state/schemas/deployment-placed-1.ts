import { z } from 'zod';
import type { JsonObject } from '../../log/index.ts';
import type { EarlierSchema } from '../domain-type.ts';
import {
  app,
  deploymentId,
  generation,
  runtimeKind,
  supervisorName,
  textByName,
  version,
} from './settings.ts';

/** Schema 1 of `deployment_placed`: it did not say what the hosts hold the app to, and nothing stood in for anything. */
export const deploymentPlaced1: EarlierSchema = {
  data: z.strictObject({
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
        }),
      )
      .min(1),
  }),
  upcast: (data) => ({
    ...data,
    // its schema was checked: they are records
    targets: (data.targets as JsonObject[]).map((each) => ({ ...each, wall: null, stands_in_for: null })),
  }),
};
