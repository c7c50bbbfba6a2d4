import type { TabbifyError } from '../kit/index.ts';

/** An error as an HTTP answer (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** Of the content. */
  readonly type: 'application/problem+json';
  readonly body: string;
}

/** Its member `cause` is what the system said, e.g. `ECONNREFUSED`. */
export function problemOf({ code, status, title, message, hint, cause }: TabbifyError): Problem {
  const type = `urn:tabbify:problem:${code}`;
  const system = systemCode(cause);
  return {
    status,
    type: 'application/problem+json',
    body: JSON.stringify({
      ...{ type, title, status, detail: message },
      ...(hint && { hint }),
      code,
      ...(system && { cause: system }),
    }),
  };
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
