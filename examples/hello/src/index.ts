import { page } from './page.ts';

interface Env {
  /** From `[env]` in tabbify.toml. */
  GREETING?: string;
  /** From the office: which version this is. */
  TABBIFY_VERSION?: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const greeting = env.GREETING ?? 'Hello';

    switch (url.pathname) {
      case '/':
        return new Response(page({ greeting, version: env.TABBIFY_VERSION ?? '1', ...addressOf(request) }), {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        });

      case '/api/hello': {
        const name = url.searchParams.get('name') || 'world';
        return Response.json({ message: `${greeting}, ${name}!`, at: new Date().toISOString() });
      }

      case '/echo':
        if (request.method !== 'POST') {
          return text('POST something, and it comes back.\n', 405, { allow: 'POST' });
        }
        // The body is a stream: what has arrived goes back while the rest is still on its way.
        return new Response(request.body, {
          headers: { 'content-type': request.headers.get('content-type') ?? 'application/octet-stream' },
        });

      default:
        return text('Not found\n', 404);
    }
  },
};

function text(body: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
}

/** Where the app is reached from outside; the office says so in `X-Forwarded-*`. */
function addressOf(request: Request): { address: string; prefix: string } {
  const { headers } = request;
  const url = new URL(request.url);
  const prefix = headers.get('x-forwarded-prefix') ?? '';
  const scheme = headers.get('x-forwarded-proto') ?? url.protocol.slice(0, -1);
  const host = headers.get('x-forwarded-host') ?? url.host;
  return { address: `${scheme}://${host}${prefix}`, prefix };
}
