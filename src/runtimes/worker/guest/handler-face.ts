/** What a function takes: `(request, env)` and answers by what it returns, or `(req, res)` and writes its answer. */
export type Face = 'fetch' | 'node';

type Handler = ((...args: never[]) => unknown) & Readonly<Record<string, unknown>>;

/** Members that a `ServerResponse` has, as Node makes it or as Express adds to it, and an environment has not. */
const OF_RESPONSE =
  'end|write|writeHead|writeContinue|writeEarlyHints|setHeaders?|appendHeader|getHeaders?|getHeaderNames|hasHeader|removeHeader|flushHeaders|' +
  'addTrailers|statusCode|statusMessage|headersSent|writableEnded|writableFinished|status|send|sendStatus|sendFile|json|redirect|render|once|on';
/** Members of an `IncomingMessage` that a `Request` has not. */
const OF_INCOMING = 'socket|connection|rawHeaders|httpVersion|pipe|on|once|setEncoding|complete';
/** Methods of a `Request` that an `IncomingMessage` has not. */
const OF_REQUEST = '(?:json|text|formData|arrayBuffer|blob|bytes|clone)\\s*\\(|signal\\b';
const OF_HEADERS = 'get|has|entries|forEach|getSetCookie|keys|values';
const MAKES_RESPONSE = /\bnew\s+Response\b|\bResponse\s*\.\s*(?:json|redirect|error)\b/;

const NAMES: Readonly<Record<Face, RegExp>> = {
  node: /^_*(?:res|resp|rsp|response|reply|outgoing)\d*$/,
  fetch: /^_*(?:env|environment|bindings|ctx|context)\d*$/,
};

/**
 * Tells what a function that a module exports takes. Apps of Express or Connect are known by their methods, a function of one parameter takes
 * a request. Of any other, its text says so: what it does with its parameters, else what they are called. Where it
 * just hands both on, or is a bound function, that says nothing.
 *
 * @returns null: it cannot be told
 */
export function faceOf(handler: Handler): Face | null {
  const isMiddleware = typeof handler.handle === 'function';
  if (isMiddleware && (typeof handler.use === 'function' || typeof handler.listen === 'function'))
    return 'node';
  if (handler.length < 2) return 'fetch';
  const { first, second, body } = parts(Function.prototype.toString.call(handler));
  if (second === null) return null;
  if (/^[{[]/.test(second)) return 'fetch'; // taken apart, as an environment is
  if (uses(body, second, OF_RESPONSE) || passes(body, second)) return 'node';
  if (MAKES_RESPONSE.test(body) || takesRequest(body, first) || uses(body, second, '[A-Z][A-Z\\d_]*'))
    return 'fetch';
  if (first !== null && uses(body, first, OF_INCOMING)) return 'node';
  return (['node', 'fetch'] as const).find((face) => NAMES[face].test(second)) ?? null;
}

function uses(body: string, name: string, members: string): boolean {
  return new RegExp(`(?<![\\w$.])${escaped(name)}\\s*\\??\\.\\s*(?:${members})\\b`).test(body);
}

/** Is the second parameter where a stream is written to? */
function passes(body: string, second: string): boolean {
  return new RegExp(
    `\\.\\s*pipe\\(\\s*${escaped(second)}\\s*[,)]|\\bpipeline\\([^()]*,\\s*${escaped(second)}\\s*[,)]`,
  ).test(body);
}

function takesRequest(body: string, first: string | null): boolean {
  if (first === null) return false;
  const name = `(?<![\\w$.])${escaped(first)}\\s*\\.\\s*`;
  return (
    new RegExp(`${name}(?:${OF_REQUEST})`).test(body) ||
    new RegExp(`${name}headers\\s*\\.\\s*(?:${OF_HEADERS})\\s*\\(`).test(body) ||
    new RegExp(`\\bnew\\s+URL\\(\\s*${escaped(first)}\\s*\\.\\s*url\\s*\\)`).test(body)
  );
}

interface Parts {
  /** Null where it is no plain name. */
  readonly first: string | null;
  /** A name, or a pattern as it stands there; null where there is none. */
  readonly second: string | null;
  readonly body: string;
}

/** Takes the text of a function apart. Parameters may have patterns and defaults, in which commas and brackets stand. */
function parts(source: string): Parts {
  const nothing = { first: null, second: null, body: '' };
  const open = source.indexOf('(');
  if (open < 0 || /\{\s*\[native code\]\s*\}\s*$/.test(source)) return nothing;
  const found: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < source.length; at += 1) {
    const letter = source[at] ?? '';
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (depth === 0 || (depth === 1 && letter === ',')) {
      found.push(
        source
          .slice(from, at)
          .replace(/=[^>].*$/s, '')
          .trim(),
      );
      from = at + 1;
    }
    if (depth === 0) break;
  }
  const [first = '', second = ''] = found;
  return {
    first: isName(first) ? first : null,
    second: second === '' ? null : second,
    body: source.slice(from),
  };
}

function isName(text: string): boolean {
  return /^[\w$]+$/.test(text);
}

function escaped(name: string): string {
  return name.replaceAll('$', '\\$');
}
