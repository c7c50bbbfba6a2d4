/** What a page in the office's own name shows. Texts may hold `code` in backticks; everything is escaped here. */
export interface PageContent {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The next thing to do, set apart. */
  readonly action?: string;
  /** Commands to copy, one a line, with what each is for. */
  readonly commands?: readonly (readonly [what: string, command: string])[];
  /** Something to fill in or to press; works without a script. */
  readonly forms?: readonly PageForm[];
  /** Small print. */
  readonly foot?: string;
}

/** Sent as `application/x-www-form-urlencoded` by POST. */
export interface PageForm {
  readonly action: string;
  /** Words of the button. */
  readonly button: string;
  readonly hidden?: Readonly<Record<string, string>>;
  /** A secret that is typed or pasted. */
  readonly secret?: { readonly name: string; readonly label: string };
}

/** Nothing is loaded and nothing runs: the page is its HTML and one style sheet in it. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

/** One page of the office: answers to people who came with a browser. */
export function page({ title, paragraphs, action, commands = [], forms = [], foot }: PageContent): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main><h1>${prose(title)}</h1>
${paragraphs.map((text) => `<p>${prose(text)}</p>`).join('\n')}
${action === undefined ? '' : `<p class="action">${prose(action)}</p>`}
${commands.map(([what, command]) => `<p class="what">${prose(what)}</p><pre><code>${escaped(command)}</code></pre>`).join('\n')}
${forms.map(formText).join('\n')}
${foot === undefined ? '' : `<footer>${prose(foot)}</footer>`}
</main></body></html>
`;
}

function formText({ action, button, hidden = {}, secret }: PageForm): string {
  const fields = Object.entries(hidden).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const typed =
    secret === undefined
      ? ''
      : `<label>${prose(secret.label)}<input type="password" name="${escaped(secret.name)}" autocomplete="off" spellcheck="false" required></label>`;
  return `<form method="post" action="${escaped(action)}">${fields.join('')}${typed}<button>${prose(button)}</button></form>`;
}

const STYLE = `
:root{color-scheme:light dark;--paper:light-dark(#f6f8f5,#10150f);--sheet:light-dark(#fff,#182017);--ink:light-dark(#15201a,#e8efe9);
--soft:light-dark(#5b6a61,#9aa99f);--line:light-dark(#dbe3dc,#2c372d);--accent:light-dark(#0a7554,#46c795)}
*{box-sizing:border-box}
body{margin:0;min-height:100svh;display:grid;grid-template-columns:minmax(0,38rem);place-content:center;padding:1.5rem;
background:var(--paper);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
h1{font-size:clamp(1.8rem,6vw,2.6rem);line-height:1.15;letter-spacing:-.02em;margin:0 0 1rem;overflow-wrap:anywhere;text-wrap:balance}
p{margin:0 0 .75rem;overflow-wrap:anywhere}
.action{margin-top:1.5rem;padding:1rem 1.25rem;border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:.5rem;background:var(--sheet)}
.what{margin:1.5rem 0 .35rem;font-weight:600;font-size:1rem}
code{font:.9em ui-monospace,monospace}
pre{margin:0;padding:.8rem 1rem;border:1px solid var(--line);border-radius:.7rem;background:var(--sheet);overflow-x:auto}
a{color:var(--accent)}
form{margin-top:1.5rem}
label{display:block;margin-bottom:.75rem;font-weight:600;font-size:1rem}
input{display:block;width:100%;margin-top:.35rem;padding:.7rem .8rem;border:1px solid var(--line);border-radius:.5rem;background:var(--sheet);color:var(--ink);font:.95rem ui-monospace,monospace}
button{padding:.7rem 1.4rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--paper);font:600 1rem/1.4 system-ui,sans-serif;cursor:pointer}
button:focus-visible,input:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
footer{margin-top:2rem;color:var(--soft);font-size:.85rem}
`;

/** Paths of the office that a page may lead to. */
const PATHS = new Set(['/docs', '/login', '/']);

/** Escaped text in which backticks set code, and a path of the office that stands alone in them is a link. */
function prose(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, (_, code: string) =>
    PATHS.has(code) ? `<a href="${code}">${code}</a>` : `<code>${code}</code>`,
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
