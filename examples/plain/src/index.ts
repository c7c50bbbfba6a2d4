export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/') return new Response('Hello from Tabbify\n');
    return new Response('Not found\n', { status: 404 });
  },
};
