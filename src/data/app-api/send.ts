import type { ServerResponse } from 'node:http';
import { PROBLEM_JSON, problemOf, type TabbifyError } from '../../kit/index.ts';

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
  const body = JSON.stringify(problemOf(error));
  if (error.status === 503) response.setHeader('retry-after', RETRY_AFTER_SEC);
  response.writeHead(error.status, {
    'content-type': PROBLEM_JSON,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
