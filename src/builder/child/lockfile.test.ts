import { describe, expect, it } from 'vitest';
import { confineLockfile, confineManifest } from './lockfile.ts';

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
    ['an address for a version', { version: 'http://127.0.0.1:9/x.tgz', integrity: 'sha512-AAAA' }],
    ['an address for a version, bundled', { version: 'http://127.0.0.1:9/x.tgz', inBundle: true }],
    ['an address for a name', { name: 'left@http://127.0.0.1:9/x.tgz#', integrity: 'sha512-AAAA' }],
    [
      'what it wants itself',
      { integrity: 'sha512-AAAA', dependencies: { right: 'git+http://127.0.0.1:9/x.git' } },
    ],
    ['nothing to check it by', { resolved: `${REGISTRY}left/-/left-1.0.0.tgz` }],
  ])('refuses an entry from %s, naming it', (_name, entry) => {
    expect(() => confineLockfile(lockWith(entry), NPM)).toThrow(
      expect.objectContaining({ code: 'build_failed', what: expect.stringContaining('node_modules/left') }),
    );
  });

  it.each([
    'node_modules/../../left',
    'node_modules/a/../../../left',
    'node_modules/a/left',
    'node_modules/.left',
  ])('refuses the place %s', (path) => {
    expect(() => confineLockfile(lockWith({ integrity: 'sha512-AAAA' }, path), NPM)).toThrow(
      expect.objectContaining({ code: 'build_failed', what: expect.stringContaining(path) }),
    );
  });

  it('takes scopes, aliases, nested packages, ranges and tags as they are', () => {
    const wanted = { a: '^1.2.3 || >=2 <3', '@b/c': 'npm:@d/e@~1.0.0-rc.1', f: 'latest', g: '*', h: '' };
    const entry = {
      name: '@d/e',
      version: '1.0.0-rc.1+b.2',
      integrity: 'sha512-AAAA',
      dependencies: wanted,
      peerDependencies: wanted,
    };
    const text = confineLockfile(lockWith(entry, 'node_modules/@b/c/node_modules/left.js'), NPM);
    expect(JSON.parse(text).packages['node_modules/@b/c/node_modules/left.js']).toEqual(entry);
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

describe('confineManifest', () => {
  it.each([
    [{ dependencies: { left: 'http://127.0.0.1:9/x.tgz' } }],
    [{ devDependencies: { left: 'git+ssh://git@127.0.0.1/left.git' } }],
    [{ optionalDependencies: { left: 'person/left' } }],
    [{ peerDependencies: { left: 'file:../left' } }],
    [{ dependencies: { left: '..' } }],
    [{ dependencies: { left: 'left.tgz' } }],
    [{ dependencies: { left: 'npm:left@http://127.0.0.1:9/x.tgz' } }],
    [{ overrides: { left: { right: 'http://127.0.0.1:9/x.tgz' } } }],
    [{ overrides: { left: '$http://127.0.0.1:9/x.tgz' } }],
    [{ workspaces: ['../*'] }],
  ])('refuses %j', (manifest) => {
    expect(() => confineManifest(JSON.stringify(manifest))).toThrow(
      expect.objectContaining({ code: 'build_failed', what: expect.stringContaining('package.json') }),
    );
  });

  it('takes what the registry has', () => {
    confineManifest(
      JSON.stringify({
        dependencies: { left: '^1.0.0', right: 'npm:@a/b@1' },
        overrides: { left: { '.': '1.0.0', right: '$right' } },
      }),
    );
  });
});
