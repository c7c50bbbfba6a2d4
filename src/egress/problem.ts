import type { TabbifyError } from '../kit/index.ts';

/** An error as an HTTP answer (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** Of the content. */
  readonly type: 'application/problem+json';
  readonly body: string;
}

export function problemOf({ code, status, title, message, hint }: TabbifyError): Problem {
  const type = `urn:tabbify:problem:${code}`;
  return {
    status,
    type: 'application/problem+json',
    body: JSON.stringify({ type, title, status, detail: message, ...(hint && { hint }), code }),
  };
}
