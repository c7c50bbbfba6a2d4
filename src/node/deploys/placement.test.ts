import { expect, test } from 'vitest';
import { type Host, place } from './placement.ts';

const host = (name: string, rest: Partial<Host> = {}): Host => ({
  name,
  tags: ['wasm-http'],
  present: true,
  apps: 0,
  ...rest,
});
const target = (supervisor: string, runtime: 'docker' | null = null) => ({
  supervisor,
  runtime,
  env: { A: '1' },
});

test('without a target the office’s own supervisor is first, then who is present, then who has least to do', () => {
  const request = { runtime: 'wasm-http', targets: [] } as const;
  expect(place(request, [host('a'), host('own', { apps: 9 })], 'own')[0]?.supervisor).toBe('own');
  expect(place(request, [host('a', { apps: 3 }), host('b', { apps: 1 })], null)[0]?.supervisor).toBe('b');
  expect(place(request, [host('own', { present: false }), host('b')], 'own')[0]?.supervisor).toBe('b');
  expect(place(request, [host('own', { tags: [] }), host('b')], 'own')[0]?.supervisor).toBe('b');
  expect(place(request, [host('own', { present: false })], 'own')[0]?.supervisor).toBe('own');
});

test('a target is taken by its word, `local` is the office’s own', () => {
  const request = { runtime: 'wasm-http', targets: [target('local')] } as const;
  expect(place(request, [host('vm'), host('far')], 'vm')).toEqual([
    { supervisor: 'vm', runtime: 'wasm-http', env: { A: '1' } },
  ]);
});

test('a version goes to each of its targets, in their order, and no host is named twice', () => {
  const to = (...names: string[]) =>
    ({ runtime: 'wasm-http', targets: names.map((name) => target(name)) }) as const;
  const hosts = [host('a'), host('vm')];
  expect(place(to('vm', 'a'), hosts, 'vm').map(({ supervisor }) => supervisor)).toEqual(['vm', 'a']);
  expect(() => place(to('a', 'a'), hosts, 'vm')).toThrow(
    expect.objectContaining({ code: 'target_twice', status: 400 }),
  );
  expect(() => place(to('local', 'vm'), hosts, 'vm')).toThrow(
    expect.objectContaining({ message: expect.stringContaining("'vm' is named by two targets") }),
  );
});

test('every target is checked before the first is used', () => {
  const request = { runtime: 'wasm-http', targets: [target('a'), target('a', 'docker')] } as const;
  expect(() => place(request, [host('a', { tags: ['wasm-http', 'worker'] })], 'a')).toThrow(
    expect.objectContaining({
      code: 'runtime_unavailable',
      status: 400,
      message: "The supervisor 'a' cannot run 'docker': its runtimes are 'wasm-http', 'worker'",
    }),
  );
});

test('an unknown supervisor is answered with those known', () => {
  const request = { runtime: 'wasm-http', targets: [target('moon')] } as const;
  expect(() => place(request, [host('a'), host('b')], 'a')).toThrow(
    expect.objectContaining({ code: 'supervisor_unknown', status: 400, why: "this office knows 'a', 'b'" }),
  );
  expect(() => place({ runtime: 'wasm-http', targets: [] }, [], null)).toThrow(
    expect.objectContaining({ code: 'supervisor_unknown', hint: 'Start one with `tabbify up`' }),
  );
});
