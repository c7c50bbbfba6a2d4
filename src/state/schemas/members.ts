import { z } from 'zod';
import { sha256, supervisorName } from './settings.ts';

export const memberSchemas = {
  credential_issued: {
    version: 1,
    data: z.strictObject({
      credential_id: z.uuid(),
      kind: z.enum(['person', 'supervisor']),
      name: z.string().min(1),
      scopes: z.array(z.string()),
      token_sha256: sha256,
    }),
  },
  supervisor_joined: {
    version: 1,
    data: z.strictObject({ name: supervisorName, tags: z.array(z.string()) }),
  },
} as const;
