/** What the proxy answers to a CONNECT. */
export interface TunnelAnswer {
  readonly status: number;
  /** A problem+json or text, as far as it came; empty for a tunnel. */
  readonly body: string;
  /** Bytes behind the head: of a tunnel, they are the first that came through it. */
  readonly rest: Buffer;
}

const HEAD_END = '\r\n\r\n';

/** Bytes of a head; our own proxy sends some fifty. */
const MAX_HEAD = 16 * 1024;

/**
 * Reads the answer to a CONNECT as far as it has come.
 *
 * @param received all that has come
 * @returns null as long as its head is not complete
 * @throws Error when it is none
 */
export function readTunnelAnswer(received: Buffer): TunnelAnswer | null {
  const end = received.indexOf(HEAD_END);
  if (end < 0 && received.length <= MAX_HEAD) return null;
  const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(received.toString('latin1', 0, 64))?.[1];
  if (end < 0 || status === undefined) throw new Error('what came is no answer of a proxy');
  const rest = received.subarray(end + HEAD_END.length);
  return { status: Number(status), body: rest.toString(), rest };
}

/** Error codes that programs know, by the status of the proxy's answer. */
const CODES: Readonly<Record<number, string>> = {
  403: 'EACCES',
  429: 'EAGAIN',
  502: 'ECONNREFUSED',
  503: 'EAGAIN',
};

/**
 * What a socket fails with that got no tunnel: code as for a connection that the system refuses, text of the proxy; its cause is
 * what the channel has said.
 */
export function refusedError({ status, body }: TunnelAnswer, host: string, port: number): Error {
  const code = CODES[status] ?? 'EPROTO';
  const error = connectError(code, textOf(body) ?? `answered with status ${status}`, host, port);
  const cause = channelError(body);
  return cause === null ? error : Object.assign(error, { cause });
}

/** The error of a channel (`egress_denied` …), as it crossed the socket; null: the body is none. */
function channelError(body: string): Error | null {
  try {
    const { code, detail, cause } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    if (typeof code !== 'string') return null;
    const why = typeof cause === 'string' ? coded(cause, cause) : undefined;
    return Object.assign(coded(String(detail), code), why && { cause: why });
  } catch {
    return null;
  }
}

function coded(text: string, code: string): Error {
  return Object.assign(new Error(text), { code });
}

/** An error of `connect`, with the fields that Node gives one. */
export function connectError(code: string, text: string, host: string, port: number): Error {
  const error = new Error(`connect ${code} ${host}:${port}: ${text}`);
  return Object.assign(error, { code, syscall: 'connect', address: host, port });
}

function textOf(body: string): string | null {
  try {
    const { detail, hint } = JSON.parse(body) as { detail?: unknown; hint?: unknown };
    return [detail, hint].filter((part) => typeof part === 'string').join('. ') || null;
  } catch {
    return body.trim() || null;
  }
}
