import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { count } from './settings.ts';

const ofAudit = {
  class: 'office',
  saidBy: 'node',
  segment: 'tenant_<office>.audit',
  earlier: [],
} as const;

/** What was refused, erased or made anew. */
export const auditTypes: DomainTypes<'request_refused' | 'payload_erased' | 'projections_rebuilt'> = {
  request_refused: {
    ...ofAudit,
    class: 'traffic',
    subject: 'credential/<credential_id>',
    description: 'The API refused what a known actor asked; rate-limited.',
    newest: z.strictObject({
      credential_id: z.uuid(),
      method: z.string().min(1),
      route: z
        .string()
        .min(1)
        .describe('Template of the path, e.g. `/v1/apps/{uuid}/deploy`; never the path itself'),
      status: z.int().min(400).max(599),
      code: z.string().min(1).describe('Code of the error, e.g. `not_allowed`'),
      suppressed: count.describe(
        'Refusals of the same credential before this one that were not written down',
      ),
    }),
  },
  payload_erased: {
    ...ofAudit,
    subject: '<subject>',
    description: 'Bodies became tombstones and their keys were destroyed.',
    newest: z.strictObject({
      subject: z.string().min(1).max(512).describe('What was erased; also the subject of the event'),
      reason: z.enum(['asked', 'age', 'size']).describe('`asked`: by a person; otherwise by retention'),
      events: count.describe('Tombstones made'),
      bytes: count.describe('Bytes of bodies and blobs'),
      keys: count.describe('Keys destroyed'),
      through: count.describe('Position up to which it looked'),
    }),
  },
  projections_rebuilt: {
    ...ofAudit,
    subject: 'office/<office>',
    description: 'Somebody had projections made anew from the log.',
    newest: z.strictObject({ names: z.array(z.string().min(1)) }),
  },
};
