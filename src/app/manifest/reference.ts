import { FORMAT } from './format.ts';
import { type KeySpec, type KeySpecs, keysOf, type ValueSpec } from './key-spec.ts';
import { LEGACY_PLACES, LEGACY_UNUSED } from './legacy/format.ts';

/** The page of the docs that says every key of the format, as Markdown. */
export function manifestReference(): string {
  const tables = Object.entries(FORMAT).filter(([, key]) => keysOf(key.value) !== null);
  return [
    '# tabbify.toml',
    '',
    '<!-- Written by `npx vitest run --project unit src/app -u`; what it says is in src/app/manifest/format.ts. -->',
    '',
    'The manifest of an app. A key that the format does not know is ignored, with a warning that names the nearest one it',
    'knows; `--strict` makes warnings errors. `npx tcli validate my-app` checks a manifest, and editors with a language server for',
    'TOML (Taplo, Even Better TOML) check it while you write, by the `#:schema` line that `npx tcli init` puts on top.',
    '',
    'A folder without a `tabbify.toml` may have a `manifest.toml` of the older format: see [below](#the-older-manifesttoml).',
    '',
    ...tables.flatMap(([name, key]) => section(name, key)),
    ...open('env'),
    ...HOSTS,
    ...LEGACY,
  ].join('\n');
}

function section(name: string, { doc, value }: KeySpec): string[] {
  const header = value.type === 'tables' ? `[[${name}]]` : `[${name}]`;
  return [`## \`${header}\``, '', `${doc}.`, '', ...rows(keysOf(value) ?? {}), ''];
}

function open(name: string): string[] {
  return [`## \`[${name}]\``, '', `${FORMAT[name]?.doc}.`, ''];
}

function rows(keys: KeySpecs): string[] {
  return [
    '| key | values | default | what |',
    '|---|---|---|---|',
    ...Object.entries(keys).map(
      ([name, key]) =>
        `| \`${name}\` | ${cell(valuesOf(key.value))} | ${cell(defaultOf(key))} | ${cell(key.doc)} |`,
    ),
  ];
}

function defaultOf({ required, default: fallback }: KeySpec): string {
  if (required) return 'required';
  if (fallback === undefined) return '–';
  return /[` ,]/.test(fallback.text) ? fallback.text : `\`${fallback.text}\``;
}

function valuesOf(value: ValueSpec): string {
  switch (value.type) {
    case 'text':
      return value.example === undefined ? 'text' : `text, e.g. \`"${value.example}"\``;
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return `${value.min} to ${value.max === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : value.max}`;
    case 'one_of':
      return value.values.map((each) => `\`"${each}"\``).join(', ');
    case 'texts':
      return value.example === undefined ? 'list of texts' : `list of texts, e.g. \`${value.example}\``;
    case 'start':
      return '`"now"`, `"beginning"`, a number';
    case 'variables':
      return 'a table of texts';
    case 'table':
    case 'tables':
      return 'a table';
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** As in src/app/capabilities/host-pattern.ts. */
const HOSTS = [
  '## Hosts',
  '',
  'An entry of `http_allow_list`, of `build.network` and of `hosts` of a secret allows these calls and no other. A list has at most 100 of them.',
  '',
  '| entry | allows |',
  '|---|---|',
  '| `api.example.com` | https on port 443, http on port 80 |',
  '| `https://api.example.com` | https on port 443 |',
  '| `api.example.com:8443` | https and http on port 8443 |',
  '| `https://api.example.com:8443` | https on port 8443 |',
  '| `*.example.com` | the same as a name, of every host below `example.com` (`a.example.com`, `a.b.example.com`) and not of itself |',
  '| `192.0.2.7:8080`, `[2001:db8::1]:443` | this address, which needs a port; a person sees it marked as a risk |',
  '| `app:my-shop` | the app `my-shop` of the office |',
  '',
];

/** What is left to say in words. */
const LEGACY = [
  '## The older `manifest.toml`',
  '',
  'A folder that has a `manifest.toml` and no `tabbify.toml` is published by it; when both are there, `tabbify.toml` counts alone.',
  'What stands elsewhere in it:',
  '',
  '| `manifest.toml` | stands for |',
  '|---|---|',
  ...LEGACY_PLACES.map(([now, before]) => `| \`${before.join('.')}\` | \`${now.join('.')}\` |`),
  '',
  '`lifecycle.mode` is required; `runtime.type` is `wasm-http` and `runtime.memory_mb` 64 when they are left out.',
  `${LEGACY_UNUSED.map((path) => `\`${path.join('.')}\``).join(', ')} and \`app.kind\` have no effect.`,
  '',
];
