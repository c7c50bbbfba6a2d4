import type { ServerResponse } from 'node:http';
import type { TabbifyError } from '../../kit/index.ts';

/** Seconds after which a call that met a starting process is to be tried again. */
const RETRY_AFTER_SEC = 1;

export function sendJson(response: ServerResponse, status: number, body: Uint8Array | string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** An error as RFC 9457 has it. */
export function sendProblem(response: ServerResponse, error: TabbifyError): void {
  const { code, status, title, message, hint } = error;
  const type = `urn:tabbify:problem:${code}`;
  const body = JSON.stringify({ type, title, status, detail: message, ...(hint && { hint }), code });
  if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SEC);
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
