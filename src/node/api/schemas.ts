import { z } from '@hono/zod-openapi';
import { runtimeDescription } from '../../supervisor/index.ts';
import { PROBLEM_JSON } from '../problem.ts';

/** RFC 9457; `hint` is the one next action, where there is one. */
const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:tabbify:problem:app_unknown' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    hint: z.string().optional(),
    code: z.string().openapi({ example: 'app_unknown' }),
  })
  .openapi('Problem');

/** Documents the answer of every route that refuses. */
export const problems = {
  '4XX': {
    description: 'Refused: the caller can mend it',
    content: { [PROBLEM_JSON]: { schema: problemSchema } },
  },
  '5XX': {
    description: 'The office or the app is at fault',
    content: { [PROBLEM_JSON]: { schema: problemSchema } },
  },
} as const;

/** Every call of `/v1` but the health check. */
export const bearer: Record<string, string[]>[] = [{ bearer: [] }, { session: [] }];
/** What is for who holds the credential itself. */
export const bearerOnly: Record<string, string[]>[] = [{ bearer: [] }];

export const appPath = z.object({
  uuid: z
    .uuid()
    .transform((id) => id.toLowerCase())
    .openapi({ param: { name: 'uuid', in: 'path' }, example: '0191e7c2-1111-7222-8333-444455556666' }),
});

export const supervisorPath = z.object({
  name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'local' }),
});

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});

/** Header of every mutation: a repeat with the same key is answered as the first call was. */
export const idempotencyHeader = z.object({ 'idempotency-key': z.string().min(1).max(255).optional() });

/** What a host holds an app to. */
export const wall = runtimeDescription.omit({ kind: true, lack: true });

/** The runtime in whose place an app has another. */
export const standIn = z
  .object({
    runtime: z.string(),
    why: z.string().openapi({ description: 'Why the host cannot run that, in words for a person' }),
  })
  .nullable()
  .openapi({
    description:
      'The runtime that it was meant for and that its host cannot run; null: it has what it was meant for',
  });

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}
