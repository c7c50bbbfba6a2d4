import { z } from 'zod';
import type { EarlierSchema } from '../domain-type.ts';
import { app, supervisorName } from './settings.ts';

/**
 * Schema 1 of `app_purge_requested`: it did not say whether data goes, and a host that followed it removed all. One that no host has
 * followed yet removes none: what is there too long can still be removed, what is gone does not come back.
 */
export const appPurgeRequested1: EarlierSchema = {
  data: z.strictObject({ app, supervisor: supervisorName }),
  upcast: (data) => ({ ...data, data: false }),
};
