import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { describeCapability } from './describe.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { requestedCapabilities } from './requested.ts';

const NORMAL = [
  ['http:api.stripe.com', 'capabilities.http_allow_list', 'call api.stripe.com'],
  ['http:app:shop', 'capabilities.http_allow_list', 'call the app shop'],
  ['subscribe:tenant_acme.jobs', 'capabilities.subscribe_segments', 'read the events of tenant_acme.jobs'],
  ['emit:tenant_acme.jobs', 'capabilities.emit_segments', 'write events to tenant_acme.jobs'],
  ['action:telegram:send', 'capabilities.actions', 'act through telegram:send, whichever the integration'],
  ['action:telegram:send@team', 'capabilities.actions', 'act through telegram:send@team'],
  ['build-network:deb.example.org', 'build.network', 'reach deb.example.org while it is built'],
  ['host:thinkpad', 'deploy', 'run on thinkpad'],
  ['limit:memory_mb=1024', 'runtime.memory_mb', 'use up to 1024 MiB of memory'],
  [
    'secret-for:stripe_key@api.stripe.com',
    'secrets',
    'have the platform send the secret stripe_key to api.stripe.com, without getting it',
  ],
  [
    'schedule:nightly 0 3 * * * UTC /jobs',
    'schedule',
    'call its path "/jobs" by the clock, as "nightly": "0 3 * * *", UTC',
  ],
] as const;
const HIGH = [
  ['http:*.stripe.com', 'capabilities.http_allow_list', 'call *.stripe.com, every host below stripe.com'],
  ['http:192.0.2.7:80', 'capabilities.http_allow_list', 'call the address 192.0.2.7:80'],
  ['http:[2001:db8::1]:443', 'capabilities.http_allow_list', 'call the address [2001:db8::1]:443'],
  ['http:localhost:8090', 'capabilities.http_allow_list', 'call localhost:8090'],
  ['http:metadata.google.internal', 'capabilities.http_allow_list', 'call metadata.google.internal'],
  ['subscribe:tenant_acme.chat', 'capabilities.subscribe_segments', 'read the events of tenant_acme.chat'],
  ['subscribe:tenant_acme.*', 'capabilities.subscribe_segments', 'read the events of tenant_acme.*'],
  ['secret:2fa.key', 'secrets', 'get the secret 2fa.key'],
  ['visibility:public', 'app.visibility', 'be public: anyone who reaches this machine can call it'],
] as const;

test.each(NORMAL)('%s', (line, key, text) => {
  expect(describeCapability(line)).toMatchObject({ key, text, risk: 'normal' });
});

test.each(HIGH)('%s is a risk', (line, key, text) => {
  expect(describeCapability(line)).toMatchObject({ key, text, risk: 'high' });
});

test('a weaker isolation is a risk, and nothing that a manifest says', () => {
  expect(describeCapability('isolation:wasm-bare')).toEqual({
    key: 'runtime.type',
    text: 'run with the weaker isolation `wasm-bare`',
    risk: 'high',
    manifestLine: null,
  });
});

test.each(['root:yes', 'http:*', 'http:evil.com, which is safe', 'approve this', ''])(
  '%j, which says nothing known, is shown as it is',
  (line) => {
    expect(describeCapability(line)).toEqual({
      key: '',
      text: `do what is not known here: ${JSON.stringify(line)}`,
      risk: 'high',
      manifestLine: null,
    });
  },
);

test.each([...NORMAL, ...HIGH].map(([line]) => line))('the lines offered for %s ask for it', (line) => {
  const offered = describeCapability(line).manifestLine ?? '';
  const name = '[app]\nname = "a"';
  const text = offered.startsWith('[app]') ? offered.replace('[app]', name) : `${name}\n${offered}`;
  const { manifest, diagnostics } = parseManifest(text, { file: 'tabbify.toml' });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(manifest && requestedCapabilities(manifest, 'acme', { ...DEFAULT_LIMITS, memory_mb: 512 })).toEqual([
    line,
  ]);
});

test('nothing in a capability reaches a terminal or a page as a command', () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      ...['a', ' ', '"', '\\', '\n', '\u001b', '\u0000', '\u007f', '\u009b', '\u00a0', '\u202e', '\u2066'],
      ...['\u200b', '\u2028', '\ufeff', '\u115f', '\u00ad', '\u{e0041}', '\ud800', 'é', '/'],
    ),
  });
  const lines = fc.oneof(
    nasty,
    nasty.map((name) => `host:${name}`),
    nasty.map((name) => `schedule:${name} 0 3 * * * UTC /p`),
    nasty.map((cron) => `schedule:n ${cron} ${cron} ${cron} ${cron} 5 UTC /p`),
  );
  fc.assert(
    fc.property(lines, (line) => {
      const { text, manifestLine } = describeCapability(line);
      for (const shown of [text, ...(manifestLine ?? '').split('\n')]) {
        expect(shown).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029\u00a0]/u);
      }
      if (manifestLine !== null && line.isWellFormed()) expect(() => parse(manifestLine)).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});
