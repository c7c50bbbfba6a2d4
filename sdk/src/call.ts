import type { TabbifyProblem } from '../index.d.ts';
import { TabbifyError } from './errors.ts';

/** Where an app's runner answers it (CONTRACTS §9): the name leads nowhere else. */
const DEFAULT_URL = 'http://tabbify.internal';
/** A read that met the start of the data process waits for it; a write may have been done, so it is the app's to repeat. */
const READ_TRIES = 4;
const LONGEST_WAIT_SEC = 2;

/** What is sent. */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'DELETE' | 'POST';
  /** Below `/v1`, encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/**
 * Calls the app API.
 *
 * @param refused makes the error of an answer; null: it is an answer like another
 * @throws TabbifyError what the platform said, or `app_api_unreachable`
 */
export async function call(
  { method, path, headers = {}, body }: Call,
  refused: (problem: TabbifyProblem, response: Response) => Error | null = (problem) =>
    new TabbifyError(problem),
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await send(`${address()}/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    if (response.ok) return response;
    const problem = await problemOf(response);
    const { retryAfterSec } = problem;
    if (method === 'GET' && response.status === 503 && retryAfterSec !== undefined && attempt < READ_TRIES) {
      await wait(Math.min(retryAfterSec, LONGEST_WAIT_SEC) * 1000);
      continue;
    }
    const error = refused(problem, response);
    if (error === null) return response;
    throw error;
  }
}

/** Resolves after so many milliseconds. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new TabbifyError({
      code: 'app_api_unreachable',
      status: 0,
      what: 'The platform does not answer the app',
      hint: 'Nothing of yours is wrong: try again; outside of the platform set TABBIFY_API_URL, or use `tcli dev` or `tcli test`.',
      cause,
    });
  }
}

async function problemOf(response: Response): Promise<TabbifyProblem> {
  const body = await response.text().catch(() => '');
  const { code, detail, title, hint } = fieldsOf(body);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    code: code ?? 'app_api_answer',
    status: response.status,
    what: detail ?? title ?? `The platform answered ${response.status}`,
    hint,
    retryAfterSec: Number.isFinite(seconds) ? seconds : undefined,
  };
}

type Fields = { readonly [Name in 'code' | 'detail' | 'title' | 'hint']?: string };

function fieldsOf(body: string): Fields {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {}; // no problem+json: something between us and the platform has answered
  }
}

function address(): string {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } };
  return (process?.env?.TABBIFY_API_URL || DEFAULT_URL).replace(/\/+$/, '');
}
