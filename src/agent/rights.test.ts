import { expect, test } from 'vitest';
import { parseManifest } from '../app/index.ts';
import { rightsOf } from './rights.ts';

test('all that a manifest asks for is shown, and marked as waiting for a yes', () => {
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
  const rights = manifest
    ? rightsOf(manifest, 'default').map(({ state, text: said }) => `${state}: ${said}`)
    : [];
  expect(rights).toEqual([
    'granted: private: only who is signed in, or has a credential of the office',
    'asked: act through telegram:send, whichever the integration',
    'asked: write events to tenant_default.code',
    'asked: call api.stripe.com',
    'asked: get the secret OTHER',
    'asked: get the secret anthropic_api_key',
    'asked: read the events of tenant_default.chat',
  ]);
});

test('an app that anybody may call asks for that as well', () => {
  const text = '[app]\nname = "x"\nvisibility = "public"\n[build]\nmain = "src/index.ts"\n';
  const { manifest } = parseManifest(text, { file: 'tabbify.toml' });
  expect(manifest ? rightsOf(manifest, 'default') : []).toEqual([
    {
      key: 'app.visibility',
      text: 'be public: anyone who reaches this machine can call it',
      state: 'asked',
      capability: 'visibility:public',
    },
  ]);
});
