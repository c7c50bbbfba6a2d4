import type { Context } from 'hono';
import type { z } from 'zod';
import { gatewayError } from './errors.ts';
import type { Shown } from './node-client.ts';

export function shownBy(c: Context): Shown {
  return { authorization: c.req.header('authorization'), office: c.req.header('tabbify-office') };
}

/** The JSON of a body; null where it is none. */
export async function bodyOf(c: Context): Promise<unknown> {
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    return null; // what JSON.parse says repeats what it was given
  }
}

/** @throws request_invalid naming the field, and nothing that stands in it */
export function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> {
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  const field = found.error.issues[0]?.path.join('.');
  throw gatewayError('request_invalid', {
    what: 'The request cannot be read',
    why: field ? `\`${field}\` is missing or has another shape` : 'its body is not a JSON object',
    hint: 'The shapes are described at /docs of the node, under Secrets',
  });
}
