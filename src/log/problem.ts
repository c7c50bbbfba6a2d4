import { z } from 'zod';
import { TabbifyError } from '../kit/index.ts';

const problemSchema = z.object({
  type: z.string().optional(),
  code: z.string().optional(),
  title: z.string().default('Refused'),
  detail: z.string().default(''),
  hint: z.string().optional(),
});

/**
 * Rebuilds the error that a server sent; null when the body is not a problem it could have meant.
 *
 * @param status HTTP status of the response
 * @param body what was received, of whatever shape
 */
export function errorOfProblem(status: number, body: string): TabbifyError | null {
  const parsed = problemSchema.safeParse(jsonOrNull(body));
  if (!parsed.success) return null;
  const { type, title, detail, hint } = parsed.data;
  const code = parsed.data.code ?? /^urn:tabbify:problem:(\w+)$/.exec(type ?? '')?.[1];
  if (code === undefined) return null;
  return new TabbifyError(code, { status, title }, { what: detail || title, ...(hint && { hint }) });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page of a proxy, not a problem document
  }
}
