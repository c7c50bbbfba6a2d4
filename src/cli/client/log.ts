import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { callJson } from './request.ts';

const logReply = z.looseObject({ head: z.int() });

/** Sizes are told to owners of the machine only. */
const sizes = z.looseObject({
  file_bytes: z.int(),
  free_bytes: z.int(),
  blobs_bytes: z.int(),
  projections_bytes: z.int(),
  snapshots_bytes: z.int(),
  traffic: z.looseObject({
    events: z.int(),
    bytes: z.int(),
    oldest: z.string().nullable(),
    days: z.number(),
    max_bytes: z.int(),
  }),
  disk_free_bytes: z.int().nullable(),
  reserve_bytes: z.int(),
});

const erasureReply = z.looseObject({
  subject: z.string(),
  dry_run: z.boolean(),
  events: z.int(),
  bytes: z.int(),
  keys: z.int(),
  through: z.int(),
  kept: z.looseObject({ events: z.int(), why: z.string().nullable() }),
});

export type LogReply = z.infer<typeof logReply>;
export type LogSizes = z.infer<typeof sizes>;
export type ErasureReply = z.infer<typeof erasureReply>;

/** The log as a whole. */
export interface LogClient {
  show(): Promise<LogReply>;
  /** Erases what came from outside about a subject; a dry run says what it would erase. */
  erase(subject: string, options: { readonly dryRun: boolean }): Promise<ErasureReply>;
}

export function logClient(address: NodeAddress): LogClient {
  return {
    show: () => callJson(address, { path: '/v1/log' }, logReply),
    erase: (subject, { dryRun }) =>
      callJson(
        address,
        { method: 'POST', path: '/v1/events/erase', json: { subject, dry_run: dryRun } },
        erasureReply,
      ),
  };
}

/** Null when the office did not tell them to this credential. */
export function sizesOf(log: LogReply): LogSizes | null {
  const read = sizes.safeParse(log);
  return read.success ? read.data : null;
}
