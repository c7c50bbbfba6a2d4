import { expect, test } from 'vitest';
import { deniedRequests, parseManifest } from '../index.ts';

const denied = (text: string) =>
  deniedRequests(parseManifest(`[app]\nname = "x"\n${text}`, { file: 'f' }).manifest!);

test('a manifest that asks for nothing is denied nothing', () => {
  expect(denied('[env]\nA = "plain"\n[capabilities]\nhttp_allow_list = []\nemit_segments = []\n')).toEqual(
    [],
  );
});

test('everything that reaches outside is named by its key', () => {
  expect(
    denied(`
[env]
PLAIN = "x"
API_KEY = "secret:api_key"
[capabilities]
http_allow_list = ["a.example"]
subscribe_segments = ["platform.llm"]
emit_segments = ["tenant_*.code"]
actions = ["telegram:send"]
[[secrets]]
name = "a"
env_var = "A"
[[deploy]]
supervisor = "one"
[deploy.env]
TOKEN = "secret:t"
[[deploy]]
supervisor = "two"
[deploy.env]
TOKEN = "secret:t"
`),
  ).toEqual([
    'capabilities.subscribe_segments',
    'capabilities.emit_segments',
    'capabilities.http_allow_list',
    'capabilities.actions',
    'secrets',
    'env.API_KEY',
    'deploy.env.TOKEN',
  ]);
});
