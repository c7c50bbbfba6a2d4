import { page } from './page.ts';

/** What `[env]` in tabbify.toml gives the app. */
interface Env {
  GREETING?: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const greeting = env.GREETING ?? 'Hello';

    switch (url.pathname) {
      case '/':
        return new Response(page(greeting, request.headers.get('x-forwarded-prefix') ?? ''), {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        });

      case '/api/hello': {
        const name = url.searchParams.get('name') || 'world';
        return Response.json({ message: `${greeting}, ${name}!`, at: new Date().toISOString() });
      }

      case '/echo':
        if (request.method !== 'POST') {
          return new Response('POST something, and it comes back.\n', {
            status: 405,
            headers: { allow: 'POST' },
          });
        }
        // The body is a stream: what has arrived goes back while the rest is still on its way.
        return new Response(request.body, {
          headers: { 'content-type': request.headers.get('content-type') ?? 'application/octet-stream' },
        });

      default:
        return new Response('Not found\n', { status: 404 });
    }
  },
};
