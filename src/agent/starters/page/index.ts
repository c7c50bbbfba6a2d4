import { titleOf } from '../../naming.ts';
import { starterManifest } from '../manifest-text.ts';
import type { Starter } from '../starter.ts';

export const page: Starter = {
  name: 'page',
  title: 'a page',
  matches: (outcome) =>
    /\b(pages?|web ?sites?|sites?|landing|home ?page|blog|portfolio|menu|invitation|html)\b/i.test(outcome)
      ? 2
      : 1,
  files: (request) => ({
    'tabbify.toml': starterManifest(request),
    'src/index.ts': pageSource(titleOf(request.outcome), request.outcome.trim()),
  }),
};

/** The outcome goes in as JSON, which is also a JavaScript string; the page escapes it when it writes HTML. */
function pageSource(title: string, outcome: string): string {
  return `/** What the page says: change it here. */
const TITLE = ${JSON.stringify(title)};
const TEXT = ${JSON.stringify(outcome)};

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== '/') return new Response('Not found\\n', { status: 404 });
    return new Response(page(), { headers: { 'content-type': 'text/html; charset=utf-8' } });
  },
};

function page(): string {
  return \`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>\${escapeHtml(TITLE)}</title>
  <style>
    :root { color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }
    body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
    main { max-width: 36rem; padding: 2rem; }
    h1 { font-size: clamp(2rem, 8vw, 3.5rem); line-height: 1.1; margin: 0 0 1rem; overflow-wrap: anywhere; }
    p { margin: 0; overflow-wrap: anywhere; }
  </style>
</head>
<body>
  <main>
    <h1>\${escapeHtml(TITLE)}</h1>
    <p>\${escapeHtml(TEXT)}</p>
  </main>
</body>
</html>
\`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
`;
}
