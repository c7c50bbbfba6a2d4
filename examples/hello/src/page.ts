/**
 * The page at `/`. Its links are relative to where the office has mounted the app: the root of a host, or a path.
 *
 * @param prefix that path, or empty
 */
export function page(greeting: string, prefix: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <base href="${escapeHtml(prefix)}/">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(greeting)} from your office</title>
  <style>
    :root { color-scheme: light dark; --accent: #0a7d5a; }
    body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 17px/1.5 system-ui, sans-serif; }
    main { width: min(34rem, 100% - 3rem); }
    h1 { font-size: clamp(2.2rem, 8vw, 3.4rem); line-height: 1.1; margin: 0 0 .5rem; }
    form { display: flex; gap: .5rem; margin: 1.5rem 0 1rem; }
    input, button { font: inherit; padding: .6rem .8rem; border-radius: .6rem; border: 1px solid #8886; }
    input { flex: 1; min-width: 0; }
    button { background: var(--accent); border-color: var(--accent); color: #fff; cursor: pointer; }
    output { display: block; min-height: 1.5em; font-weight: 600; color: var(--accent); }
    code { font-size: .9em; }
  </style>
</head>
<body>
  <main>
    <h1>${escapeHtml(greeting)}.</h1>
    <p>This page is a TypeScript module, running as a WebAssembly component on a machine you own.</p>
    <form action="api/hello">
      <input name="name" placeholder="Your name" aria-label="Your name" autocomplete="given-name">
      <button>Say hello</button>
    </form>
    <output aria-live="polite"></output>
    <p><small>Try also <code>curl "…/api/hello?name=you"</code> and <code>curl -d "anything" …/echo</code>.</small></p>
  </main>
  <script>
    const form = document.querySelector('form');
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        const reply = await fetch('api/hello?' + new URLSearchParams(new FormData(form)));
        document.querySelector('output').textContent = (await reply.json()).message;
      } catch {
        form.submit(); // below a path the page is sandboxed and may not read the answer: show it instead
      }
    });
  </script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
