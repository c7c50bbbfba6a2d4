import { z } from 'zod';
import { TabbifyError } from '../kit/index.ts';

/** An error as it crosses HTTP: RFC 9457 `application/problem+json`, with the code and the next action beside it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
}

export const PROBLEM_JSON = 'application/problem+json';

export function problemOf(error: TabbifyError): Problem {
  return {
    type: `urn:tabbify:problem:${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.hint !== undefined && { hint: error.hint }),
  };
}

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
