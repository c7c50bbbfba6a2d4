import { expect, test } from 'vitest';
import { parseManifest, unusedRequests } from '../index.ts';

const unused = (text: string) =>
  unusedRequests(parseManifest(`[app]\nname = "x"\n${text}`, { file: 'f' }).manifest!);

test('what works once a person has approved it is not named', () => {
  expect(
    unused(`
[capabilities]
http_allow_list = ["a.example"]
emit_segments = []
[[secrets]]
name = "a"
env_var = "A"
`),
  ).toEqual([]);
});

test('what is read and does nothing yet is named by its key', () => {
  expect(
    unused(`
[capabilities]
subscribe_segments = ["platform.llm"]
emit_segments = ["tenant_*.code"]
actions = ["telegram:send"]
[[schedule]]
name = "nightly"
cron = "0 3 * * *"
path = "/jobs/nightly"
[[secrets]]
name = "b"
inject = false
hosts = ["a.example"]
`),
  ).toEqual([
    'capabilities.subscribe_segments',
    'capabilities.emit_segments',
    'capabilities.actions',
    'schedule',
    'secrets.inject = false',
  ]);
});
