import { PROBLEM_JSON, problemOf as problemOfError, type TabbifyError } from '../kit/index.ts';

/** An error as an HTTP answer (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** Of the content. */
  readonly type: typeof PROBLEM_JSON;
  readonly body: string;
}

/** Its member `cause` is what the system said, e.g. `ECONNREFUSED`. */
export function problemOf(error: TabbifyError): Problem {
  const system = systemCode(error.cause);
  const body = { ...problemOfError(error), ...(system && { cause: system }) };
  return { status: error.status, type: PROBLEM_JSON, body: JSON.stringify(body) };
}

/** Of an error of the system or of node, or of one within. */
function systemCode(error: unknown): string | null {
  let each = error;
  for (let depth = 0; each instanceof Error && depth < 4; depth++) {
    const { code } = each as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^[A-Z][A-Z\d_]+$/.test(code)) return code;
    each = each.cause;
  }
  return null;
}
