import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { SessionState } from '../../state/index.ts';
import type { Asker } from '../commands/idempotency.ts';
import type { Principal } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';

/** What every route of the API finds in its context. */
export interface ApiEnv {
  Bindings: HttpBindings;
  Variables: {
    principal: Principal;
    /** By which the principal asks; null: by its credential itself. */
    session: SessionState | null;
  };
}

export type ApiContext = Context<ApiEnv>;
export type ApiRouter = OpenAPIHono<ApiEnv>;

/** A router whose validation errors are problems like all others. */
export function newRouter(): ApiRouter {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.target, result.error);
    },
  });
}

/** Who asks, and the key under which a repeat is recognised. */
export function askerOf(c: ApiContext): Asker {
  const key = c.req.header('idempotency-key') ?? null;
  if (key !== null && (key.length === 0 || key.length > 255)) {
    throw nodeError('request_invalid', {
      what: 'The Idempotency-Key cannot be used',
      why: 'it must have 1 to 255 characters',
      hint: 'Send a UUID',
    });
  }
  return { principal: c.get('principal'), idempotencyKey: key };
}

function invalidRequest(target: string, error: z.ZodError) {
  const [first] = error.issues;
  const field = first?.path.join('.');
  return nodeError('request_invalid', {
    what: `The ${target === 'json' ? 'body' : target} of the request cannot be read`,
    why: field ? `\`${field}\`: ${first?.message}` : (first?.message ?? 'it has another shape'),
    hint: 'The shapes are described at /docs',
  });
}
