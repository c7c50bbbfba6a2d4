import { z } from 'zod';
import { SECRET_KINDS } from '../../app/index.ts';
import type { DomainTypes } from '../domain-type.ts';

const ofSecrets = {
  class: 'office',
  saidBy: 'node',
  segment: 'tenant_<office>.secrets',
  subject: 'secret/<name>',
  earlier: [],
} as const;

/** Which secret, and never anything of its value. */
const secret = {
  name: z.string().min(1).max(160),
  kind: z.enum(SECRET_KINDS),
};

/** Secrets of an office (CONTRACTS §11); what is done with them is in the audit of the gateway. */
export const secretTypes: DomainTypes<'secret_registered' | 'secret_deleted'> = {
  secret_registered: {
    ...ofSecrets,
    description: 'A value was sealed: the first of its name, or one in the place of the one before.',
    newest: z.strictObject({
      ...secret,
      version: z.int().min(1).describe('Grows with each value; a number is never given twice'),
    }),
  },
  secret_deleted: {
    ...ofSecrets,
    description: 'A secret is gone from the store.',
    newest: z.strictObject({ ...secret, version: z.int().min(1).describe('The one that is gone') }),
  },
};
