/** Who asks, as far as it matters what he will be told. */
export interface Asker {
  /** Type of an event that he may see. */
  readonly lastEvent: string;
}

/** A request, ready to be sent under any credential. */
export interface Shot {
  /** What stands for `{name}` in the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly json?: unknown;
  /** Bytes of a body that is no JSON, and their type. */
  readonly body?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Of an answer without an end: text after which enough was seen, by who asks. Without it the body is read whole. */
  readonly until?: (asker: Asker) => string;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A stream that says nothing ends the test, not the run (milliseconds). */
const PATIENCE_MS = 10_000;

/** Path of an operation with its parameters filled in. */
function pathOf(template: string, { params = {}, query }: Shot): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${template}: the entry gives no value for {${name}}`);
    return encodeURIComponent(value);
  });
  return query === undefined ? path : `${path}?${query}`;
}

/** @param token null: without a credential */
export async function send(
  url: string,
  operation: { readonly method: string; readonly path: string },
  shot: Shot,
  token: string | null,
  options: { readonly asker?: Asker | undefined; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const { json, body } = shot;
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), PATIENCE_MS);
  try {
    const response = await fetch(`${url}${pathOf(operation.path, shot)}`, {
      method: operation.method,
      redirect: 'manual',
      signal: gone.signal,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body === undefined ? {} : { 'content-type': body.type }),
        ...shot.headers,
        ...options.headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body: body.bytes }),
    });
    const until = response.ok && options.asker !== undefined ? shot.until?.(options.asker) : undefined;
    const text = await textOf(response, until);
    return { status: response.status, type: response.headers.get('content-type') ?? '', text };
  } finally {
    clearTimeout(timer);
    gone.abort();
  }
}

async function textOf(response: Response, until: string | undefined): Promise<string> {
  if (until === undefined) return response.text();
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(until)) break;
  }
  return text;
}
