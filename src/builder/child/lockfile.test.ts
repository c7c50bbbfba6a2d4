import { describe, expect, it } from 'vitest';
import { confineLockfile } from './lockfile.ts';

const REGISTRY = 'https://packages.example/npm/';
const NPM = { registry: REGISTRY, publicRegistry: 'https://public.example/' };

function lockWith(entry: object, path = 'node_modules/left'): string {
  return JSON.stringify({
    lockfileVersion: 3,
    packages: { '': { name: 'app' }, [path]: { version: '1.0.0', ...entry } },
  });
}

describe('confineLockfile', () => {
  it('takes addresses out, so that only the registry is asked, and keeps the integrity', () => {
    const text = confineLockfile(
      lockWith({ resolved: `${REGISTRY}left/-/left-1.0.0.tgz`, integrity: 'sha512-AAAA' }),
      NPM,
    );
    expect(JSON.parse(text).packages['node_modules/left']).toEqual({
      version: '1.0.0',
      integrity: 'sha512-AAAA',
    });
  });

  it('reads addresses of the public registry as the office’s, as npm does', () => {
    const text = confineLockfile(
      lockWith({ resolved: 'https://public.example/left/-/left-1.0.0.tgz', integrity: 'sha512-AAAA' }),
      NPM,
    );
    expect(text).not.toContain('public.example');
  });

  it.each([
    ['another host', { resolved: 'https://evil.example/left-1.0.0.tgz', integrity: 'sha512-AAAA' }],
    [
      'a host that only begins alike',
      { resolved: 'https://packages.example.evil/npm/left.tgz', integrity: 'sha512-AAAA' },
    ],
    ['plain http', { resolved: 'http://packages.example/npm/left.tgz', integrity: 'sha512-AAAA' }],
    ['a repository', { resolved: 'git+ssh://git@github.com/a/left.git#abc', integrity: 'sha512-AAAA' }],
    ['a file', { resolved: 'file:../left.tgz', integrity: 'sha512-AAAA' }],
    ['a link', { resolved: '../left', link: true }],
    ['nothing to check it by', { resolved: `${REGISTRY}left/-/left-1.0.0.tgz` }],
  ])('refuses an entry from %s, naming it', (_name, entry) => {
    expect(() => confineLockfile(lockWith(entry), NPM)).toThrow(
      expect.objectContaining({ code: 'build_failed', what: expect.stringContaining('node_modules/left') }),
    );
  });

  it('refuses a workspace, which is a folder', () => {
    expect(() => confineLockfile(lockWith({ integrity: 'sha512-AAAA' }, 'packages/left'), NPM)).toThrow(
      'folder',
    );
  });

  it.each([
    ['{', 'not JSON'],
    ['{"lockfileVersion":1,"dependencies":{}}', 'version is 1'],
  ])('refuses %s and says how to make a new one', (text, why) => {
    expect(() => confineLockfile(text, NPM)).toThrow(
      expect.objectContaining({
        why: expect.stringContaining(why),
        hint: expect.stringContaining('npm install'),
      }),
    );
  });
});
