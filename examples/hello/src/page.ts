/** What the page at `/` shows. */
export interface PageFacts {
  readonly greeting: string;
  /** Version that answers, as the office counts them. */
  readonly version: string;
  /** Where the app is reached from outside, without a slash at the end. */
  readonly address: string;
  /** The path that the office has mounted it below; empty at the root of a host of its own. */
  readonly prefix: string;
}

/** The page at `/`. Its links are relative, so that it works at the root of a host and below a path alike. */
export function page({ greeting, version, address, prefix }: PageFacts): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <base href="${escapeHtml(prefix)}/">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(greeting)} from your office</title>
  <link rel="icon" href="data:,">
  <style>${STYLE}</style>
</head>
<body>
  <main>
    <p class="facts"><span>version ${escapeHtml(version)}</span><span>TypeScript in a sandbox</span></p>
    <h1 aria-live="polite">${escapeHtml(greeting)}.</h1>
    <p>This page runs on a machine you own. It can answer requests and reach nothing else.</p>
    <form action="api/hello">
      <input name="name" placeholder="Your name" aria-label="Your name" autocomplete="given-name" maxlength="60">
      <button>Say hello</button>
    </form>
    <h2>Make it yours</h2>
    <p>Change <code>GREETING</code> in <code>examples/hello/tabbify.toml</code> and push it again: the next version answers at this
      same address.</p>
    <pre><code>npx tcli push examples/hello</code></pre>
    <h2>Ask it from a terminal</h2>
    <pre><code>curl "${escapeHtml(address)}/api/hello?name=Ada"
curl -d "anything" ${escapeHtml(address)}/echo</code></pre>
  </main>
  <script>
    const form = document.querySelector('form');
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        const reply = await fetch('api/hello?' + new URLSearchParams(new FormData(form)));
        document.querySelector('h1').textContent = (await reply.json()).message;
      } catch {
        form.submit(); // below a path the page is sandboxed and may not read the answer: show it instead
      }
    });
  </script>
</body>
</html>
`;
}

const STYLE = `
    :root {
      color-scheme: light dark;
      --paper: light-dark(#f6f8f5, #10150f);
      --sheet: light-dark(#fff, #182017);
      --ink: light-dark(#15201a, #e8efe9);
      --soft: light-dark(#5b6a61, #9aa99f);
      --line: light-dark(#dbe3dc, #2c372d);
      --accent: light-dark(#0a7554, #46c795);
      --on-accent: light-dark(#fff, #06251a);
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; min-height: 100svh; display: grid; grid-template-columns: minmax(0, 38rem); place-content: center; padding: 1.5rem;
      background: radial-gradient(60rem 40rem at 85% -10%, light-dark(#cdeadd, #173b2c), transparent 70%) var(--paper);
      color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif;
    }
    h1 { font-size: clamp(2.6rem, 11vw, 4.5rem); line-height: 1.05; letter-spacing: -.03em; margin: 0 0 1rem;
      overflow-wrap: anywhere; text-wrap: balance; }
    h2 { font-size: 1rem; margin: 2.25rem 0 .35rem; }
    p { margin: 0 0 .75rem; }
    h2 + p { color: var(--soft); }
    .facts { display: flex; flex-wrap: wrap; margin-bottom: 1.25rem; gap: .5rem; font-size: .85rem; color: var(--soft); }
    .facts span { border: 1px solid var(--line); border-radius: 99px; padding: .1rem .7rem; background: var(--sheet); }
    form { display: flex; gap: .5rem; margin: 1.75rem 0 0; }
    input, button { font: inherit; padding: .7rem 1rem; border-radius: .7rem; border: 1px solid var(--line); }
    input { flex: 1; min-width: 0; background: var(--sheet); color: inherit; }
    button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
    input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    code { font: .9em ui-monospace, monospace; }
    pre { margin: 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--sheet);
      overflow-x: auto; line-height: 1.7; }
  `;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
