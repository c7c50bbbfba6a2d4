import { expect, test } from 'vitest';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { requestedCapabilities, secretsOf } from './requested.ts';

function manifestOf(text: string) {
  const { manifest, diagnostics } = parseManifest(`[app]\nname = "a"\n${text}`, { file: 'tabbify.toml' });
  if (manifest === null) throw new Error(JSON.stringify(diagnostics));
  return manifest;
}

const EVERYTHING = `
visibility = "public"
[build]
network = ["deb.example.org"]
[runtime]
memory_mb = 1024
vcpus = 2
stateful = true
data_mb = 2048
[env]
PLAIN = "x"
API_KEY = "secret:api_key"
[capabilities]
http_allow_list = ["b.example.com", "*.a.example.com", "app:shop"]
subscribe_segments = ["tenant_*.chat", "platform.llm"]
subscribe_from = "beginning"
emit_segments = ["tenant_*.jobs"]
actions = ["telegram:send", "telegram:send@office"]
[[secrets]]
name = "stripe_key"
env_var = "STRIPE_KEY"
required = false
[[secrets]]
name = "held"
inject = false
hosts = ["api.stripe.com", "*.stripe.com"]
[[schedule]]
name = "nightly"
cron = "0  3 * * *"
path = "/jobs/nightly"
[[schedule]]
name = "say it"
cron = "@daily"
timezone = "Europe/Berlin"
segment = "tenant_*.jobs"
[[deploy]]
supervisor = "thinkpad"
[deploy.env]
OTHER = "secret:of_target"
API_KEY = "secret:api_key"
`;

test('all that a version asks for is listed in order, each once, and its segments are those of its office', () => {
  expect(requestedCapabilities(manifestOf(EVERYTHING), 'acme')).toEqual([
    'action:telegram:send',
    'action:telegram:send@office',
    'build-network:deb.example.org',
    'emit:tenant_acme.jobs',
    'host:thinkpad',
    'http:*.a.example.com',
    'http:app:shop',
    'http:b.example.com',
    'limit:data_mb=2048',
    'limit:memory_mb=1024',
    'limit:vcpus=2',
    'schedule:nightly 0 3 * * * UTC /jobs/nightly',
    'schedule:say it @daily Europe/Berlin tenant_acme.jobs',
    'secret-for:held@*.stripe.com',
    'secret-for:held@api.stripe.com',
    'secret:api_key',
    'secret:of_target',
    'secret:stripe_key',
    'subscribe-from:beginning',
    'subscribe:platform.llm',
    'subscribe:tenant_acme.chat',
    'visibility:public',
  ]);
});

test('a version that asks for nothing has nothing to be granted', () => {
  expect(requestedCapabilities(manifestOf(''), 'acme')).toEqual([]);
  expect(requestedCapabilities(manifestOf('[capabilities]\nsubscribe_from = 7'), 'acme')).toEqual([]);
  const subscribes = '[capabilities]\nsubscribe_segments = ["tenant_*.jobs"]';
  expect(requestedCapabilities(manifestOf(subscribes), 'acme')).toEqual(['subscribe:tenant_acme.jobs']);
});

test('limits are asked for above what the office gives to every app', () => {
  const manifest = manifestOf(
    '[build]\nmain = "a.ts"\n[runtime]\ntype = "wasm-http"\nfuel_per_request = 2000000000',
  );
  expect(requestedCapabilities(manifest, 'acme')).toEqual(['limit:fuel_per_request=2000000000']);
  const limits = { memory_mb: 128, vcpus: 1, data_mb: 1024, fuel_per_request: 3_000_000_000 };
  expect(requestedCapabilities(manifest, 'acme', limits)).toEqual(['limit:memory_mb=256']);
});

test('the values that an app is given are those of its secrets and of its environment', () => {
  expect(secretsOf(manifestOf(EVERYTHING))).toEqual([
    { name: 'stripe_key', env_var: 'STRIPE_KEY', required: false },
    { name: 'api_key', env_var: 'API_KEY', required: true },
  ]);
});
