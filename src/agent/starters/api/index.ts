import { titleOf } from '../../naming.ts';
import { starterManifest } from '../manifest-text.ts';
import type { Starter } from '../starter.ts';

export const api: Starter = {
  name: 'api',
  title: 'a small API',
  matches: (outcome) =>
    /\b(apis?|endpoints?|rest|json|web ?hooks?|back ?end|micro ?services?|crud|routes?)\b/i.test(outcome)
      ? 3
      : 0,
  files: (request) => ({
    'tabbify.toml': starterManifest(request),
    'src/index.ts': apiSource(titleOf(request.outcome)),
  }),
};

function apiSource(title: string): string {
  return `/** What this API is about: change it here. */
const TITLE = ${JSON.stringify(title)};

interface Item {
  id: number;
  name: string;
}

/** Example data. It lives as long as the app's instance: keep nothing here that must last. */
const ITEMS: readonly Item[] = [
  { id: 1, name: 'first' },
  { id: 2, name: 'second' },
];

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const route = \`\${request.method} \${pathname}\`;
    if (route === 'GET /') return json({ title: TITLE, routes: ['GET /items', 'GET /items/:id', 'POST /echo'] });
    if (route === 'GET /items') return json(ITEMS);
    if (route === 'POST /echo') return echo(request);
    const id = /^GET \\/items\\/(\\d+)$/.exec(route)?.[1];
    const item = ITEMS.find((each) => each.id === Number(id));
    return item ? json(item) : json({ error: \`There is nothing at \${route}\` }, 404);
  },
};

async function echo(request: Request): Promise<Response> {
  try {
    return json({ you_sent: await request.json() });
  } catch {
    return json({ error: 'Send JSON' }, 400);
  }
}

function json(value: unknown, status = 200): Response {
  return new Response(\`\${JSON.stringify(value, null, 2)}\\n\`, { status, headers: { 'content-type': 'application/json' } });
}
`;
}
