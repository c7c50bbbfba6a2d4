import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from './app-folder.fixture.ts';
import { registryAuthorization } from './registry-authorization.ts';

const REGISTRY = 'https://registry.example:8443/npm/';
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

async function authorizationOf(
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  await using folder = await temporaryFolder();
  await folder.write(Object.fromEntries(files.map((text, index) => [String(index), text])));
  const paths = files.map((_, index) => join(folder.path, String(index)));
  return registryAuthorization(REGISTRY, [...paths, join(folder.path, 'missing')], env);
}

it.each<[string, string, string | null]>([
  ['a token', '//registry.example:8443/npm/:_authToken=T', 'Bearer T'],
  [
    'a token of the host',
    ' //registry.example:8443/ : ignored\n//registry.example:8443/:_authToken = "T" ',
    'Bearer T',
  ],
  ['a token of the host without a slash', '//registry.example:8443:_authToken=T', 'Bearer T'],
  [
    'the nearest',
    '//registry.example:8443/:_authToken=F\n//registry.example:8443/npm/:_authToken=N',
    'Bearer N',
  ],
  ['a ready one', '//registry.example:8443/npm/:_auth=dTpw', 'Basic dTpw'],
  [
    'name and password',
    `//registry.example:8443/npm/:username=u\n//registry.example:8443/npm/:_password=${btoa('p=w')}`,
    basic('u:p=w'),
  ],
  ['that of another port', '//registry.example/npm/:_authToken=T', null],
  ['that of another path', '//registry.example:8443/other/:_authToken=T', null],
  ['that of another host', '//xregistry.example:8443/npm/:_authToken=T', null],
  ['one without a place', '_authToken=T\n_auth=T', null],
  [
    'comments',
    '; //registry.example:8443/npm/:_authToken=T\n# //registry.example:8443/npm/:_authToken=T',
    null,
  ],
])('takes from npm’s configuration what npm would: %s', async (_name, text, value) => {
  expect(await authorizationOf([text])).toBe(value);
});

it('takes the environment before files, the first file before the second, and fills in what they name', async () => {
  const named = (name: string): string => `\${${name}}`;
  const line = (value: string): string => `//registry.example:8443/npm/:_authToken=${value}\n`;
  expect(await authorizationOf([line('first'), line('second')])).toBe('Bearer first');
  expect(await authorizationOf([line(named('TOKEN'))], { TOKEN: 'T' })).toBe('Bearer T');
  expect(await authorizationOf([line(named('TOKEN?'))])).toBe(null);
  const env = { 'npm_config_//registry.example:8443/npm/:_authToken': 'E' };
  expect(await authorizationOf([line('first')], env)).toBe('Bearer E');
});
