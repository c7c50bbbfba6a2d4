import { titleOf } from '../../naming.ts';
import { starterManifest } from '../manifest-text.ts';
import type { Starter, StarterRequest } from '../starter.ts';

export const page: Starter = {
  name: 'page',
  title: 'a page',
  matches: (outcome) =>
    /\b(pages?|web ?sites?|sites?|landing|home ?page|blog|portfolio|menu|invitation|html)\b/i.test(outcome)
      ? 2
      : 1,
  files: (request) => ({
    'tabbify.toml': starterManifest(request),
    'src/index.ts': pageSource(request),
  }),
};

const WELCOME = 'Welcome. There is more to come here.';

/** Title and text of the page, from "a page for my bakery, open from 7 to 12": what it is about, then what else was said. */
function wordsOf(outcome: string): { title: string; text: string } {
  const asked = outcome.trim().replace(/\s+/g, ' ');
  const title = titleOf(asked).split(/[,;:.!?] | [–—-] /)[0] ?? '';
  const at = asked.toLowerCase().lastIndexOf(title.toLowerCase());
  const rest = at < 0 ? '' : asked.slice(at + title.length).replace(/^[\s,;:.!?–—-]+/, '');
  if (rest === '') return { title, text: WELCOME };
  return { title, text: `${rest.charAt(0).toUpperCase()}${rest.slice(1)}${/[.!?]$/.test(rest) ? '' : '.'}` };
}

/** A colour for the page: degrees on the colour wheel, the same for the same name. */
function hueOf(name: string): number {
  return [...name].reduce((hue, char) => (hue * 31 + (char.codePointAt(0) ?? 0)) % 360, 7);
}

/** The words go in as JSON, which is also a JavaScript string; the page escapes them when it writes HTML. */
function pageSource({ outcome, name }: StarterRequest): string {
  const { title, text } = wordsOf(outcome);
  return `/** What the page says and its colour (0 to 360, degrees on the colour wheel): change them here. */
const TITLE = ${JSON.stringify(title)};
const TEXT = ${JSON.stringify(text)};
const HUE = ${hueOf(name)};

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
  <link rel="icon" href="data:,">
  <style>
    :root {
      color-scheme: light dark;
      --hue: \${HUE};
      --paper: light-dark(hsl(var(--hue) 40% 96%), hsl(var(--hue) 18% 9%));
      --glow: light-dark(hsl(var(--hue) 70% 86%), hsl(var(--hue) 45% 20%));
      --ink: light-dark(hsl(var(--hue) 45% 13%), hsl(var(--hue) 25% 93%));
      --accent: light-dark(hsl(var(--hue) 70% 40%), hsl(var(--hue) 70% 65%));
    }
    body {
      margin: 0; min-height: 100svh; display: grid; align-items: center; box-sizing: border-box; padding: 8vmin;
      background: radial-gradient(70rem 50rem at 100% 0, var(--glow), transparent 70%) var(--paper);
      color: var(--ink); font: 1.25rem/1.6 system-ui, sans-serif;
    }
    main { max-width: 46rem; margin: 0 auto; width: 100%; }
    h1 {
      margin: 0 0 1.5rem; font: 600 clamp(3rem, 12vw, 6rem)/1 ui-serif, Georgia, serif;
      letter-spacing: -.02em; overflow-wrap: anywhere; text-wrap: balance;
    }
    h1::after { content: ''; display: block; width: 4rem; height: .3rem; margin-top: 2rem; border-radius: 1rem; background: var(--accent); }
    p { margin: 0; max-width: 34rem; overflow-wrap: anywhere; text-wrap: pretty; }
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
