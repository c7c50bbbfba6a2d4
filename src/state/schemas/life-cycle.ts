import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { appPurgeRequested1 } from './app-purge-requested-1.ts';
import { app, count, generation, ordinal, supervisorName, time } from './settings.ts';

const asked = {
  class: 'office',
  saidBy: 'node',
  segment: 'platform.hosts.<supervisor>',
  subject: 'app/<app>',
  earlier: [],
} as const;
const observed = { ...asked, saidBy: 'supervisor' } as const;
const request = z.strictObject({ app, supervisor: supervisorName });

/** What is asked of a placed app beyond start and stop, and how it fares on its host (CONTRACTS §8). */
export const lifeCycleTypes: DomainTypes<
  | 'app_restart_requested'
  | 'app_reset_requested'
  | 'app_purge_requested'
  | 'app_idled'
  | 'app_restart_changed'
  | 'app_purged'
  | 'egress_denied'
> = {
  app_restart_requested: {
    ...asked,
    description: 'Somebody had the app started anew; one that stood stopped runs again.',
    newest: request,
  },
  app_reset_requested: {
    ...asked,
    description: 'Somebody had the failures of the app forgotten: a parked one is tried again.',
    newest: request,
  },
  app_purge_requested: {
    ...asked,
    description:
      'The app is stopped, and what its host keeps to run it is removed; what it has stored as well if that is said.',
    newest: request.extend({ data: z.boolean().describe('What the app has stored is removed as well') }),
    earlier: [appPurgeRequested1],
  },
  app_idled: {
    ...observed,
    description:
      'Its host stopped the app, since nobody had asked for it for a while; the next request starts it.',
    newest: z.strictObject({ app, generation }),
  },
  app_restart_changed: {
    ...observed,
    description: 'The app failed and is started again later, or not any more; or it does well again.',
    newest: z.strictObject({
      app,
      generation,
      status: z
        .enum(['running', 'backoff', 'crashloop', 'parked'])
        .describe('`crashloop`: from 5 failures on; `parked`: not tried until a deployment or a reset'),
      failures: count.describe('In a row; forgotten after 60 s without one'),
      retry_at: time.nullable().describe('Before that it is not started; null: no such time'),
    }),
  },
  app_purged: {
    ...observed,
    description: 'Its host keeps nothing of the app any more.',
    newest: z.strictObject({
      app,
      generation,
      purge_position: ordinal.describe('Position of the request'),
    }),
  },
  egress_denied: {
    ...observed,
    description:
      'The app wanted to reach what nothing grants it. Told once for each entry and generation, and for 50 of them.',
    newest: z.strictObject({
      app,
      generation,
      entry: z.string().min(1).max(300).describe('Of `http_allow_list`: what would allow it'),
      times: ordinal.describe('So often until it was told'),
    }),
  },
};
