import { html, raw } from 'hono/html';
import type { OpenApi, Operation } from './openapi.ts';

const METHODS = ['get', 'post', 'put', 'delete'];

/** The OpenAPI document for people. */
export function page({ info, paths }: OpenApi) {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${info.title}</title>
  <link rel="icon" href="data:,">
  <style>${raw(STYLE)}</style>
</head>
<body>
  <main>
    <h1>${info.title}</h1>
    <p>${info.description} The same for tools: <a href="openapi.json">openapi.json</a></p>
    ${Object.entries(paths).flatMap(([path, calls]) =>
      METHODS.flatMap((method) =>
        calls[method] === undefined ? [] : [section(method, path, calls[method])],
      ),
    )}
  </main>
</body>
</html>
`;
}

function section(method: string, path: string, { summary, responses }: Operation) {
  return html`
    <section class="${method}">
      <h2><b>${method.toUpperCase()}</b> <code>${path}</code></h2>
      <p>${summary}</p>
      <dl>${Object.entries(responses).map(([status, { description }]) => html`<dt>${status}</dt><dd>${description}</dd>`)}</dl>
    </section>`;
}

const STYLE = `
    :root { color-scheme: light dark; --paper: light-dark(#f6f6f9, #111117); --sheet: light-dark(#fff, #1a1a23); --ink: light-dark(#1b1b2a, #e9e9f2);
      --soft: light-dark(#5f6077, #9c9db3); --line: light-dark(#e0e0ea, #2d2d3a); }
    * { box-sizing: border-box; }
    body { margin: 0; padding: 3rem 1.25rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
    main { max-width: 42rem; margin: 0 auto; }
    h1 { font-size: clamp(2.2rem, 8vw, 3.2rem); letter-spacing: -.03em; line-height: 1.1; margin: 0 0 .5rem; }
    a { color: inherit; }
    section { background: var(--sheet); border: 1px solid var(--line); border-left: .3rem solid var(--hue); border-radius: .7rem;
      padding: 1rem 1.2rem; margin-top: .9rem; }
    h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
    h2 b { color: var(--hue); margin-right: .4rem; }
    code { font: 1em ui-monospace, monospace; }
    section p { margin: .25rem 0 .6rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; color: var(--soft); font-size: .9rem; }
    dt { font-family: ui-monospace, monospace; }
    dd { margin: 0; }
    .get { --hue: light-dark(#1666b8, #74b4f5); } .post { --hue: light-dark(#14804a, #5fd096); }
    .put { --hue: light-dark(#9a5b00, #edb154); } .delete { --hue: light-dark(#b3261e, #f28b82); }
  `;
