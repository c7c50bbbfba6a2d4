import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { manifestSchema, SCHEMA_FILE } from '../../app/index.ts';
import type { ApiRouter } from './context.ts';

/** The reference page loads nothing from elsewhere and can be framed by nobody. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tabbify node API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="data:,"></head>
<body><div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null });\n`;

const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const;

/** `GET /docs`: the reference page, from the files of `swagger-ui-dist`; and the format of manifests, for editors. */
export function addDocs(router: ApiRouter): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const headers = (type: string) => ({
    'content-type': type,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  router.get('/docs', (c) => c.body(PAGE, 200, headers('text/html; charset=utf-8')));
  const schema = JSON.stringify(manifestSchema());
  router.get(`/${SCHEMA_FILE}`, (c) => c.body(schema, 200, headers('application/schema+json')));
  router.get('/docs/start.js', (c) => c.body(START, 200, headers('text/javascript; charset=utf-8')));
  for (const [name, type] of Object.entries(FILES)) {
    router.get(`/docs/${name}`, async (c) => {
      const content = await readFile(join(folder, name));
      return c.body(content, 200, { ...headers(type), 'cache-control': 'max-age=3600' });
    });
  }
}
