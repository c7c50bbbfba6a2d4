import { expect, test } from 'vitest';
import { formatDiagnostic, strictDiagnostics } from './diagnostics.ts';
import { parseManifest } from './parse-manifest.ts';

const NAMED = '[app]\nname = "x"\n';
const warningsOf = (text: string) => {
  const { manifest, diagnostics } = parseManifest(text, { file: 'tabbify.toml' });
  expect(manifest).not.toBeNull();
  expect(diagnostics.every(({ severity }) => severity === 'warning')).toBe(true);
  return diagnostics.map(({ message, hint }) => (hint === null ? message : `${message}; ${hint}`));
};

test('the warning about a typo has exactly the documented text', () => {
  expect(warningsOf(`${NAMED}[runtime]\nlifcycle = "always_on"\n`)).toEqual([
    'unknown key `runtime.lifcycle`; did you mean `lifecycle`? (using default on_request)',
  ]);
});

test.each([
  ['[runtime]\nmemory = 64\n', 'unknown key `runtime.memory`; did you mean `memory_mb`? (using default 512)'],
  [
    '[runtime]\nidleTimeoutSec = 1\n',
    'unknown key `runtime.idleTimeoutSec`; did you mean `idle_timeout_sec`? (using default 300)',
  ],
  [
    '[build]\nmain = "a.ts"\n[runtime]\ntyp = "docker"\n',
    'unknown key `runtime.typ`; did you mean `type`? (using default worker)',
  ],
  [
    '[runtime]\nlifecycle = "always_on"\nlifcycle = 1\n',
    'unknown key `runtime.lifcycle`; did you mean `lifecycle`?',
  ],
  ['[runtim]\ntype = "docker"\nx = 1\n', 'unknown key `runtim`; did you mean `runtime`?'],
  [
    '[[deploy]]\nsupervisor = "a"\nsupervizor = "b"\n',
    'unknown key `deploy.supervizor`; did you mean `supervisor`?',
  ],
  [
    '[[secrets]]\nname = "a"\nenv_var = "A"\nrequird = false\n',
    'unknown key `secrets.requird`; did you mean `required`? (using default true)',
  ],
  [
    '[capabilities]\nhttp_allowlist = ["a"]\n',
    'unknown key `capabilities.http_allowlist`; did you mean `http_allow_list`?',
  ],
  [
    '[health]\nlifecycle = "always_on"\n',
    'unknown key `health.lifecycle`; did you mean `runtime.lifecycle`?',
  ],
  ['[build]\n"odd key" = 1\n', 'unknown key `build."odd key"`; it is ignored'],
  ['[build]\nstable_tag = "x"\n', 'unknown key `build.stable_tag`; it is ignored'],
])('%j is warned about', (text, warning) => {
  expect(warningsOf(NAMED + text)).toEqual([warning]);
});

test('every key of an image is known, and an environment may hold any name', () => {
  expect(
    warningsOf(`version = "1"
[app]
name = "x"
version = "2"
[build]
context = "."
dockerfile = "Dockerfile"
builder = "b"
network = ["a"]
[runtime]
language = "rust"
vcpus = 2
port = 80
stateful = true
data_mb = 1
[env]
ANYTHING = "x"
[[deploy]]
supervisor = "a"
[deploy.env]
ANYTHING = "x"
[capabilities]
subscribe_from = "now"
[[schedule]]
name = "a"
cron = "* * * * *"
timezone = "UTC"
path = "/"
`),
  ).toEqual([]);
});

test('strict makes every warning an error and leaves the rest alone', () => {
  const { diagnostics } = parseManifest(`${NAMED}x = 1\ny = 2\n`, { file: 'f' });
  const strict = strictDiagnostics(diagnostics);
  expect(strict.map(({ severity }) => severity)).toEqual(['error', 'error']);
  expect(strict.map(({ line, message }) => [line, message])).toEqual(
    diagnostics.map(({ line, message }) => [line, message]),
  );
});

test('a diagnostic is printed with its place, its line and a caret below the key', () => {
  const text = `# a comment\n${NAMED}\n[runtime]\n\tlifcycle = "always_on" # é\n`;
  const [diagnostic] = parseManifest(text, { file: 'my app/tabbify.toml' }).diagnostics;
  expect(formatDiagnostic(diagnostic!, text)).toBe(
    [
      'my app/tabbify.toml:6:2: warning: unknown key `runtime.lifcycle`; did you mean `lifecycle`? (using default on_request)',
      '  6 | \tlifcycle = "always_on" # é',
      '    | \t^',
    ].join('\n'),
  );
});

test('no control character of a manifest reaches the terminal', () => {
  const text = '[app]\nname = "x"\n# \u001b[31mred\u0007\n';
  const [diagnostic] = parseManifest(text, { file: 'f' }).diagnostics;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(formatDiagnostic(diagnostic!, text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  expect(formatDiagnostic({ ...diagnostic!, line: 99 }, text).split('\n')).toHaveLength(1);
});
