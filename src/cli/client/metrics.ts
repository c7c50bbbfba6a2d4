import { z } from 'zod';
import type { AppFigures } from '../../node/index.ts';
import type { NodeAddress } from './address.ts';
import { callJson } from './request.ts';

export type { AppFigures };

/** As the node has it: what is missing here does not compile. */
const appFigures: z.ZodType<AppFigures> = z.looseObject({
  uuid: z.string(),
  name: z.string(),
  slug: z.string(),
  state: z.string(),
  requests_per_sec: z.number(),
  errors_per_sec: z.number(),
  file_requests_per_sec: z.number().default(0),
  fuel_per_sec: z.number().default(0), // a node of the version before has none
  p50_ms: z.number().nullable(),
  p99_ms: z.number().nullable(),
  cpu_percent: z.number(),
  memory_bytes: z.number().nullable(),
  restarts: z.number(),
});

const metricsReply = z.object({ apps: z.array(appFigures) });

/** What every app of the office does now. */
export async function currentFigures(
  address: NodeAddress,
  signal?: AbortSignal,
): Promise<readonly AppFigures[]> {
  const request = { path: '/v1/metrics', ...(signal === undefined ? {} : { signal }) };
  return (await callJson(address, request, metricsReply)).apps;
}
