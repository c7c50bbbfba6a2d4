import { html, raw } from 'hono/html';
import type { Entry } from './book.ts';

/** What the page shows. */
export interface PageFacts {
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly total: number;
  /** The last of these, when there are older ones. */
  readonly older: number | null;
  /** Are these the newest? */
  readonly first: boolean;
  readonly longest: { readonly name: number; readonly message: number };
}

/** The whole page. `html` escapes every value. */
export function page({ title, entries, total, older, first, longest }: PageFacts) {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <link rel="icon" href="data:,">
  <style>${raw(STYLE)}</style>
</head>
<body>
  <main>
    <h1>${title}</h1>
    <p class="soft">${total === 0 ? 'Nobody has written yet. Be the first.' : `${total} ${total === 1 ? 'entry' : 'entries'} so far`}</p>
    <form method="post" action="./">
      <label>Your name <input name="name" required maxlength="${longest.name}" autocomplete="name"></label>
      <label>Your message <textarea name="message" required maxlength="${longest.message}" rows="3"></textarea></label>
      <button>Sign the book</button>
    </form>
    <ol>${entries.map(item)}</ol>
    <nav>
      ${first ? '' : html`<a href="./">Newest</a>`}
      ${older === null ? '' : html`<a href="?before=${older}">Older</a>`}
    </nav>
  </main>
</body>
</html>
`;
}

function item({ name, message, at }: Entry) {
  return html`
      <li>
        <p>${message}</p>
        <footer>${name} · <time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></footer>
      </li>`;
}

const STYLE = `
    :root {
      color-scheme: light dark;
      --paper: light-dark(#f8f5ef, #14110d); --sheet: light-dark(#fff, #1e1a14); --ink: light-dark(#231d13, #efe9de);
      --soft: light-dark(#716654, #a89d8b); --line: light-dark(#e5dccb, #362f24); --accent: light-dark(#9a4a16, #f0a35e);
      --on-accent: light-dark(#fff, #2a1403);
    }
    * { box-sizing: border-box; }
    body { margin: 0; padding: 3rem 1.25rem; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
    main { max-width: 36rem; margin: 0 auto; }
    h1 { font: 600 clamp(2.4rem, 9vw, 3.6rem)/1.05 Georgia, serif; letter-spacing: -.02em; margin: 0 0 .5rem; overflow-wrap: anywhere; }
    .soft, footer { color: var(--soft); }
    form, li { background: var(--sheet); border: 1px solid var(--line); border-radius: .9rem; padding: 1.1rem 1.25rem; }
    form { display: grid; gap: .9rem; margin: 1.5rem 0 2rem; }
    label { display: grid; gap: .25rem; font-size: .9rem; color: var(--soft); }
    input, textarea, button { font: inherit; padding: .6rem .8rem; border-radius: .6rem; border: 1px solid var(--line); }
    input, textarea { background: var(--paper); color: var(--ink); resize: vertical; }
    button { justify-self: start; background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
    :is(input, textarea, button, a):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
    li p { margin: 0 0 .4rem; white-space: pre-line; overflow-wrap: anywhere; }
    footer { font-size: .85rem; overflow-wrap: anywhere; }
    nav { display: flex; gap: 1rem; margin-top: 1.25rem; }
    a { color: var(--accent); }
  `;
