import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { app, ordinal, reason, time } from './settings.ts';

const ofDeliveries = {
  class: 'traffic',
  saidBy: 'supervisor',
  segment: 'platform.hosts.<supervisor>',
  subject: 'app/<app>',
  earlier: [],
} as const;

const event = {
  app,
  event_position: ordinal.describe('Position of the event that was delivered'),
  event_type: z.string().min(1),
  attempts: ordinal.describe('Tries so far'),
};

/** What became of events that apps subscribe to (CONTRACTS §9). */
export const deliveryTypes: DomainTypes<'delivery_succeeded' | 'delivery_failed'> = {
  delivery_succeeded: {
    ...ofDeliveries,
    description: 'An app acknowledged an event that it subscribes to.',
    newest: z.strictObject(event),
  },
  delivery_failed: {
    ...ofDeliveries,
    description: 'An app did not acknowledge an event that it subscribes to.',
    newest: z.strictObject({
      ...event,
      status: z.int().nullable().describe("HTTP status of the app's answer; null: it did not answer"),
      reason,
      retry_at: time.nullable().describe('Null: it is not tried again, the event is a dead letter'),
    }),
  },
};
