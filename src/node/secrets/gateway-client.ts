import type { z } from 'zod';
import { fetchTwice, newId, whyFetchFailed } from '../../kit/index.ts';
import { errorOfProblem } from '../../log/index.ts';
import { nodeError } from '../errors.ts';

/** What is passed on to the gateway. */
export interface GatewayCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the gateway's URL, with its query. */
  readonly path: string;
  readonly json?: unknown;
  /** Of the request that is passed on: the gateway asks the node again who that is. */
  readonly authorization: string;
  readonly office: string;
  readonly idempotencyKey?: string | undefined;
}

/** The gateway, which alone has the secrets. */
export interface GatewayClient {
  /** @throws what the gateway refuses, with its own code; gateway_away */
  ask<Schema extends z.ZodType>(call: GatewayCall, schema: Schema): Promise<z.infer<Schema>>;
}

/** Longer than the gateway waits for the node. */
const PATIENCE_MS = 30_000;

/** @param url base URL; null while it is not known */
export function gatewayClient(url: () => string | null): GatewayClient {
  return {
    async ask({ method = 'GET', path, json, authorization, office, idempotencyKey }, schema) {
      const base = url();
      if (base === null) throw away('where it answers is not known');
      let status: number;
      let text: string;
      try {
        const response = await fetchTwice(`${base}${path}`, {
          method,
          redirect: 'error',
          signal: AbortSignal.timeout(PATIENCE_MS),
          headers: {
            authorization,
            'tabbify-office': office,
            'idempotency-key': idempotencyKey ?? newId(), // it may be sent twice
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        });
        status = response.status;
        text = await response.text();
      } catch (error) {
        throw away(`${base} does not answer: ${whyFetchFailed(error)}`, error);
      }
      if (status >= 400) throw errorOfProblem(status, text) ?? away(`${base} answered ${status}`);
      const reply = schema.safeParse(jsonOrNull(text));
      if (!reply.success) throw away(`what answers at ${base} is no gateway of this version`);
      return reply.data;
    },
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function away(why: string, cause?: unknown) {
  return nodeError('gateway_away', {
    what: 'The gateway, which has the secrets, is away',
    why,
    hint: 'Start it (`tabbify up`, or `tabbify gateway`), or say where it answers with TABBIFY_GATEWAY_URL',
    cause,
  });
}
