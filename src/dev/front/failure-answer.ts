import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEM_JSON, problemOf, type TabbifyError } from '../../kit/index.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
const STYLE = `:root{color-scheme:light dark}body{margin:0;padding:2rem;max-width:60rem;font:1rem/1.6 system-ui,sans-serif}
h1{font-size:1.4rem;overflow-wrap:anywhere}pre{padding:1rem;border:1px solid #8886;border-left:4px solid #c33;border-radius:.4rem;overflow-x:auto;font:.9rem/1.5 ui-monospace,monospace}
footer{color:#777;font-size:.85rem;margin-top:2rem}`;

/** Whatever is wrong with a source: a page is not there because of it. */
const STATUS = 500;

/** Answers where no app can: a page for a browser that loads one, problem+json (RFC 9457) for all others. */
export function answerFailure(request: IncomingMessage, response: ServerResponse, error: TabbifyError): void {
  if (response.headersSent || response.destroyed) return;
  const isPage = (request.headers.accept ?? '').includes('text/html');
  const body = Buffer.from(isPage ? pageOf(error) : JSON.stringify({ ...problemOf(error), status: STATUS }));
  response.writeHead(STATUS, {
    'content-type': isPage ? 'text/html; charset=utf-8' : PROBLEM_JSON,
    'content-length': body.length,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    vary: 'accept',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function pageOf({ code, what, why, hint }: TabbifyError): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(what)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(what)}</h1>
${why === undefined ? '' : `<pre>${escaped(why)}</pre>`}
${hint === undefined ? '' : `<p>${escaped(hint)}</p>`}
<footer>tcli dev: ${escaped(code)}. Mend it, save, and load this page again.</footer></body></html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
