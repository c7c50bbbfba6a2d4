import { createRoute, z } from '@hono/zod-openapi';
import type { Principal } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import { type ApiContext, type ApiRouter, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { bearer, json, problems } from './schemas.ts';

/** The parts of the document; what is in them is described with the state itself (`stateDocument`). */
const officeAsItWas = z
  .looseObject({
    position: z.int().openapi({ description: 'Of the last event that is in it' }),
    offices: z.array(z.looseObject({ slug: z.string() })),
    supervisors: z.array(z.looseObject({ name: z.string() })),
    credentials: z.array(z.looseObject({ id: z.string() })),
    apps: z.array(z.looseObject({ uuid: z.string(), slug: z.string() })),
    deployments: z.array(z.looseObject({ id: z.string(), app: z.string() })),
  })
  .openapi('State');

const readState = createRoute({
  method: 'get',
  path: '/v1/state',
  tags: ['State'],
  summary: 'The office as it was at a position of the log, as canonical JSON: equal states are equal bytes',
  security: bearer,
  request: {
    query: z.object({
      at: z
        .string()
        .regex(/^\d{1,15}$/, 'it must be a position of the log: a whole number from 0 to its head')
        .transform(Number)
        .optional()
        .openapi({ type: 'integer', description: 'Default: now' }),
    }),
  },
  responses: { 200: json(officeAsItWas, 'The office of the credential'), ...problems },
});

export interface StateTools {
  readonly live: LiveState;
  readonly snapshots: Snapshots;
}

/** Requests of one credential that wait for their turn: everybody else's stand behind them. */
const AT_ONCE = 4;

/** `GET /v1/state?at=`: folded in a thread of its own, one request at a time. */
export function stateRoutes({ live, snapshots }: StateTools): ApiRouter {
  const router = newRouter();
  const waiting = new Map<string, number>();
  const inLine = async <Result>({ credentialId, name }: Principal, work: () => Promise<Result>) => {
    const before = waiting.get(credentialId) ?? 0;
    if (before >= AT_ONCE) {
      throw nodeError('too_many_at_once', {
        what: `'${name}' asks for the office ${before + 1} times at once`,
        why: 'it is told one at a time',
        hint: 'Wait for the answers, then ask again',
      });
    }
    waiting.set(credentialId, before + 1);
    try {
      return await work();
    } finally {
      const left = (waiting.get(credentialId) ?? 1) - 1;
      if (left > 0) waiting.set(credentialId, left);
      else waiting.delete(credentialId);
    }
  };
  router.openapi(readState, async (c) => {
    requireReader(c);
    await live.current();
    const head = live.office.position;
    const { at = head } = c.req.valid('query');
    if (at > head) {
      throw nodeError('request_invalid', {
        what: `The office at position ${at} cannot be told`,
        why: `the log ends at ${head}`,
        hint: `Ask for a position from 0 to ${head}`,
      });
    }
    const principal = c.get('principal');
    const bytes = await inLine(principal, () => snapshots.documentAt(at, principal.office, c.req.raw.signal));
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    // the bytes that were made; in pieces, since writing all at once would hold the loop
    return new Response(inPieces(bytes), {
      headers: { ...headers, 'content-length': String(bytes.length) },
    }) as never;
  });
  return router;
}

const PIECE_BYTES = 64 * 1024;

function inPieces(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let from = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(from, from + PIECE_BYTES));
      from += PIECE_BYTES;
      if (from >= bytes.length) controller.close();
    },
  });
}

/** @throws not_allowed for whoever is neither a person nor an agent, or may not read */
function requireReader(c: ApiContext): void {
  const { kind, name } = c.get('principal');
  if (kind !== 'person' && kind !== 'agent') {
    throw nodeError('not_allowed', {
      what: `The ${kind} '${name}' may not read the office’s state`,
      hint: 'Use the credential of a person or of an agent',
    });
  }
  requireScope(c, 'read');
}
