import { expect, test } from 'vitest';
import { manifestDifference } from './difference.ts';

const OLD = `[app]
id = "0191e7c2-1111-7222-8333-444455556666"
name = "shop"
[runtime]
memory_mb = 128
[[deploy]]
supervisor = "a"
[capabilities]
http_allow_list = ["api.stripe.com", "old.example.com"]
[[secrets]]
name = "stripe"
env_var = "STRIPE"
`;

test('the same manifest written in another way is the same', () => {
  const young = `app = { name = "shop" }
# memory
runtime.memory_mb = 1_28
deploy = [{ supervisor = "a" }]
secrets = [{ env_var = "STRIPE", name = "stripe" }]
[capabilities]
http_allow_list = [
  "api.stripe.com",
  "old.example.com", # comes with the next version
]
`;
  expect(manifestDifference(OLD, young)).toEqual({ keys: [], capabilities: { added: [], removed: [] } });
});

test('keys that were added, removed and changed, and what the app may reach', () => {
  const young = OLD.replace('memory_mb = 128', 'memory_mb = 256\nlifecycle = "always_on"')
    .replace('"old.example.com"', '"new.example.com"')
    .replace('[[deploy]]\nsupervisor = "a"\n', '')
    .replace('name = "stripe"', 'name = "stripe2"');
  const { keys, capabilities } = manifestDifference(OLD, young);
  expect(keys).toEqual([
    {
      key: 'capabilities.http_allow_list',
      before: ['api.stripe.com', 'old.example.com'],
      after: ['api.stripe.com', 'new.example.com'],
    },
    { key: 'deploy', before: [{ supervisor: 'a' }], after: undefined },
    { key: 'runtime.lifecycle', before: undefined, after: 'always_on' },
    { key: 'runtime.memory_mb', before: 128, after: 256 },
    {
      key: 'secrets',
      before: [{ name: 'stripe', env_var: 'STRIPE' }],
      after: [{ name: 'stripe2', env_var: 'STRIPE' }],
    },
  ]);
  expect(capabilities).toEqual({
    added: [
      { kind: 'http_allow_list', value: 'new.example.com' },
      { kind: 'secrets', value: 'stripe2' },
    ],
    removed: [
      { kind: 'http_allow_list', value: 'old.example.com' },
      { kind: 'secrets', value: 'stripe' },
    ],
  });
});

test('a first manifest adds all that it asks for', () => {
  const { capabilities } = manifestDifference(null, OLD);
  expect(capabilities.added).toHaveLength(3);
  expect(capabilities.removed).toEqual([]);
});
