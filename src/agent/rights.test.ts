import { expect, test } from 'vitest';
import { parseManifest } from '../app/index.ts';
import { rightsOf } from './rights.ts';

test('all that a manifest asks for is shown, and what the platform does not give yet is marked denied', () => {
  const text = `
[app]
name = "x"
visibility = "private"
[build]
main = "src/index.ts"
[capabilities]
http_allow_list = ["api.stripe.com"]
subscribe_segments = ["tenant_*.chat"]
emit_segments = ["tenant_default.code"]
actions = ["telegram:send"]
[env]
KEY = "secret:OTHER"
[[secrets]]
name = "anthropic_api_key"
env_var = "ANTHROPIC_API_KEY"
`;
  const { manifest } = parseManifest(text, { file: 'tabbify.toml' });
  const rights = manifest ? rightsOf(manifest).map(({ state, text: said }) => `${state}: ${said}`) : [];
  expect(rights).toEqual([
    'granted: private: only who is signed in, or has a credential of the office',
    'denied: call api.stripe.com',
    'denied: read the events of tenant_*.chat',
    'denied: write events to tenant_default.code',
    'denied: act through telegram:send',
    'denied: get the secret anthropic_api_key',
    'denied: get the secret OTHER',
  ]);
});
