import type { z } from 'zod';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { cliError } from '../errors.ts';
import type { NodeAddress } from './address.ts';
import { problem } from './replies.ts';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with its query, beginning with `/`. */
  readonly path: string;
  readonly json?: unknown;
  readonly body?: ReadableStream<Uint8Array>;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Calls the node with its credential.
 *
 * @returns the response when its status is below 400
 * @throws TabbifyError `office_not_running` when nothing answers, else what the node's problem+json says
 */
export async function call(address: NodeAddress, request: Call): Promise<Response> {
  const headers: Record<string, string> = {
    accept: request.accept ?? 'application/json',
    ...(address.key === null ? {} : { authorization: `Bearer ${address.key}` }),
    ...(address.office === null ? {} : { 'tabbify-office': address.office }),
    ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
    ...request.headers,
  };
  const body = request.json === undefined ? request.body : JSON.stringify(request.json);
  let response: Response;
  try {
    response = await fetch(`${address.url}${request.path}`, {
      method: request.method ?? 'GET',
      headers,
      redirect: 'error',
      ...(body === undefined ? {} : { body, duplex: 'half' as const }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw unreachable(address, error);
  }
  if (response.status >= 400) throw await refusal(address, response);
  return response;
}

/** Calls and reads the JSON answer against its schema. */
export async function callJson<Schema extends z.ZodType>(
  address: NodeAddress,
  request: Call,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const response = await call(address, request);
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notTheOffice(address, request, 'the answer is not JSON', error);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw notTheOffice(address, request, `${issue?.path.join('.')}: ${issue?.message}`, read.error);
}

function unreachable(address: NodeAddress, error: unknown): TabbifyError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return cliError('office_not_running', {
      what: 'The office is not running',
      why: `nothing listens at ${address.url}`,
      hint: 'Start it with `npm start` (from a clone) or `tabbify up`, and leave that terminal open.\nAn office elsewhere: set TABBIFY_NODE_URL and TABBIFY_NODE_KEY.',
      cause: error,
    });
  }
  return cliError('office_not_running', {
    what: `The office at ${address.url} cannot be reached`,
    why: messageOf(cause ?? error),
    hint: 'Check TABBIFY_NODE_URL and the network, or start an office here with `tabbify up`.',
    cause: error,
  });
}

/** A problem+json as an error of this program: detail is what happened, hint what to do. */
async function refusal(address: NodeAddress, response: Response): Promise<TabbifyError> {
  const text = await response.text().catch(() => '');
  const read = problem.safeParse(jsonOrNull(text));
  if (response.status === 401) {
    return cliError('office_refused', {
      what: 'The office does not accept the credential',
      why:
        address.key === null
          ? `no key was found in ${address.keySource}`
          : `the key from ${address.keySource} is not known there; it may have expired, or been revoked or replaced`,
      hint: 'Point --home (or TABBIFY_HOME) at the home of the running office, or set TABBIFY_NODE_KEY.',
    });
  }
  if (!read.success || (read.data.title === undefined && read.data.detail === undefined)) {
    return cliError('office_answer', {
      what: `The office answered ${response.status}`,
      why: text.trim().slice(0, 300) || 'without saying why',
      hint: 'Run `tabbify doctor`; is this address really a Tabbify node?',
    });
  }
  const {
    title = `The office answered ${response.status}`,
    code = 'office_refused',
    detail,
    hint,
  } = read.data;
  return new TabbifyError(
    code,
    { status: response.status, title },
    {
      what: title,
      ...(detail === undefined ? {} : { why: detail }),
      hint: hint ?? 'See `tabbify events --limit 20` for what happened before.',
    },
  );
}

function notTheOffice(address: NodeAddress, request: Call, why: string, cause: unknown): TabbifyError {
  return cliError('office_answer', {
    what: `${address.url}${request.path} answered something unexpected`,
    why,
    hint: 'Is this address really a Tabbify node, and of the same version? See `tabbify status`.',
    cause,
  });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
