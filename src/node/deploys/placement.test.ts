import { expect, test } from 'vitest';
import type { RuntimeKind } from '../../app/index.ts';
import { type Host, type PlacementRequest, place } from './placement.ts';

const host = (name: string, rest: Partial<Host> = {}): Host => ({
  name,
  tags: ['wasm-http'],
  refused: [],
  walls: new Map(),
  present: true,
  apps: 0,
  ...rest,
});
const target = (supervisor: string, runtime: RuntimeKind | null = null) => ({
  supervisor,
  runtime,
  env: { A: '1' },
});
const request = (rest: Partial<PlacementRequest> = {}): PlacementRequest => ({
  settings: { type: 'wasm-http', main: null },
  declared: true,
  targets: [],
  data: null,
  ...rest,
});
const module = (declared: boolean, rest: Partial<PlacementRequest> = {}) =>
  request({ settings: { type: 'worker', main: 'src/index.ts' }, declared, ...rest });
const BOTH = ['wasm-http', 'worker'];
const WHY = 'bubblewrap is not installed';
const refused = [{ kind: 'worker', why: WHY, hint: 'Install the package `bubblewrap`.' }];
const placed = (supervisor: string, runtime: RuntimeKind, rest: object = {}) => ({
  ...{ supervisor, runtime, env: {}, wall: null, standsInFor: null },
  ...rest,
});

test('without a target the office’s own supervisor is first, then who is present, then who has least to do', () => {
  const any = request();
  expect(place(any, [host('a'), host('own', { apps: 9 })], 'own')[0]?.supervisor).toBe('own');
  expect(place(any, [host('a', { apps: 3 }), host('b', { apps: 1 })], null)[0]?.supervisor).toBe('b');
  expect(place(any, [host('own', { present: false }), host('b')], 'own')[0]?.supervisor).toBe('b');
  expect(place(any, [host('own', { tags: [] }), host('b')], 'own')[0]?.supervisor).toBe('b');
  expect(place(any, [host('own', { present: false })], 'own')[0]?.supervisor).toBe('own');
});

test('a target is taken by its word, `local` is the office’s own', () => {
  expect(place(request({ targets: [target('local')] }), [host('vm'), host('far')], 'vm')).toEqual([
    placed('vm', 'wasm-http', { env: { A: '1' } }),
  ]);
});

test('a version that keeps data goes to one host', () => {
  const settings = { type: 'wasm-http', main: null, data_mb: 64 } as const;
  const hosts = [host('a'), host('b')];
  expect(place(request({ settings, targets: [target('b')] }), hosts, null)[0]?.supervisor).toBe('b');
  const two = request({ settings, targets: [target('a'), target('b')] });
  expect(() => place(two, hosts, null)).toThrow(
    expect.objectContaining({ code: 'data_on_one_host', status: 400 }),
  );
});

test('a version that keeps data goes where the data is, whoever else would be better, and whether or not that host is there', () => {
  const settings = { type: 'wasm-http', main: null, data_mb: 64 } as const;
  const data = { app: 'shop', on: 'b', mayBeLeft: false };
  const hosts = [host('own'), host('b', { apps: 9, present: false })];
  const to = (rest: Partial<PlacementRequest> = {}) =>
    place(request({ settings, data, ...rest }), hosts, 'own')[0]?.supervisor;
  expect(to()).toBe('b');
  expect(to({ targets: [target('b')] })).toBe('b');
  expect(to({ data: null })).toBe('own');
  expect(to({ settings: { type: 'wasm-http', main: null } })).toBe('own'); // this version has no use for it
  const worker = module(true, { settings: { type: 'worker', main: 'm.ts', data_mb: 64 }, data });
  expect(() => place(worker, [host('own', { tags: BOTH }), host('b')], 'own')).toThrow(
    expect.objectContaining({
      code: 'runtime_unavailable',
      message: expect.stringContaining("'b' cannot run"),
    }),
  );
});

test('data is left behind only for a host that is named, and by who says so', () => {
  const settings = { type: 'wasm-http', main: null, data_mb: 64 } as const;
  const hosts = [host('a'), host('b')];
  const to = (mayBeLeft: boolean, ...names: string[]) =>
    place(
      request({
        settings,
        data: { app: 'shop', on: 'b', mayBeLeft },
        targets: names.map((name) => target(name)),
      }),
      hosts,
      'a',
    )[0]?.supervisor;
  for (const name of ['a', 'local']) {
    expect(() => to(false, name)).toThrow(
      expect.objectContaining({
        ...{ code: 'data_elsewhere', status: 409 },
        message: "'shop' cannot go to 'a': what it has stored is on 'b', and does not move",
        hint: expect.stringContaining('`tabbify deploy shop --on a --leave-data`'),
      }),
    );
    expect(to(true, name)).toBe('a');
  }
  expect(to(true, 'b')).toBe('b');
  expect(() => to(true)).toThrow(
    expect.objectContaining({ code: 'data_elsewhere', hint: expect.stringContaining('--on <host>') }),
  );
});

test('a version goes to each of its targets, in their order, and no host is named twice', () => {
  const to = (...names: string[]) => request({ targets: names.map((name) => target(name)) });
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
  const to = request({ targets: [target('a'), target('a', 'docker')] });
  expect(() => place(to, [host('a', { tags: BOTH })], 'a')).toThrow(
    expect.objectContaining({
      code: 'runtime_unavailable',
      status: 400,
      message: "The supervisor 'a' cannot run 'docker': its runtimes are 'wasm-http', 'worker'",
    }),
  );
});

test('an unknown supervisor is answered with those known', () => {
  expect(() => place(request({ targets: [target('moon')] }), [host('a'), host('b')], 'a')).toThrow(
    expect.objectContaining({ code: 'supervisor_unknown', status: 400, why: "this office knows 'a', 'b'" }),
  );
  expect(() => place(request(), [], null)).toThrow(
    expect.objectContaining({ code: 'supervisor_unknown', hint: 'Start one with `tabbify up`' }),
  );
});

test('a module that names no runtime is a worker where that runs; elsewhere a component stands in, and it is said why', () => {
  const targets = ['able', 'silent', 'refusing'].map((name) => target(name));
  const hosts = [
    host('able', { tags: BOTH, refused }),
    host('silent'),
    host('refusing', { refused: [{ ...refused[0]!, kind: 'docker', why: 'no daemon' }, ...refused] }),
  ];
  const env = { A: '1' };
  expect(place(module(false, { targets }), hosts, 'able')).toEqual([
    placed('able', 'worker', { env }),
    placed('silent', 'wasm-http', {
      env,
      standsInFor: { runtime: 'worker', why: 'the host does not offer worker, and has not said why' },
    }),
    placed('refusing', 'wasm-http', { env, standsInFor: { runtime: 'worker', why: WHY } }),
  ]);
});

test('whoever names worker gets it or a 400 that says why the host cannot and what helps there', () => {
  const hosts = [host('a', { refused })];
  for (const asked of [
    module(true),
    module(true, { targets: [target('a')] }),
    module(false, { targets: [target('a', 'worker')] }),
    request({ settings: { type: 'wasm-http', main: 'm.ts' }, targets: [target('a', 'worker')] }),
  ]) {
    expect(() => place(asked, hosts, 'a')).toThrow(
      expect.objectContaining({
        code: 'runtime_unavailable',
        message: `The supervisor 'a' cannot run 'worker': its runtimes are 'wasm-http'; 'worker' is none of them: ${WHY}`,
        hint: expect.stringMatching(/^Install the package `bubblewrap`; or set `runtime\.type` .* `--on`$/),
      }),
    );
  }
  expect(() => place(module(true), [host('a')], 'a')).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^Set `runtime\.type`/) }),
  );
  expect(place(module(true), [host('a', { tags: BOTH })], 'a')).toEqual([placed('a', 'worker')]);
});

test('what nothing is built for is not placed, though a host would run it', () => {
  const container = request({ settings: { type: 'docker', main: null } });
  expect(() => place(container, [host('a', { tags: ['docker'] })], 'a')).toThrow(
    expect.objectContaining({
      code: 'runtime_unfit',
      message: expect.stringContaining("built for 'docker'"),
    }),
  );
});

test('nothing stands in for what nothing can stand in for, nor where the stand-in cannot run', () => {
  const container = request({ settings: { type: 'docker', main: null }, declared: false });
  for (const [asked, tags] of [
    [container, BOTH],
    [module(false), ['docker']],
  ] as const) {
    expect(() => place(asked, [host('a', { tags })], 'a')).toThrow(
      expect.objectContaining({ code: 'runtime_unavailable' }),
    );
  }
});

test('a version without a module cannot be a worker, wherever', () => {
  const asked = request({ targets: [target('a', 'worker')] });
  expect(() => place(asked, [host('a', { tags: BOTH })], 'a')).toThrow(
    expect.objectContaining({ code: 'runtime_unfit', status: 400, hint: expect.stringContaining('[build]') }),
  );
});

test('without a target a host that needs no stand-in comes first, also before the office’s own, if it is there', () => {
  const [own, able] = [host('own'), host('able', { tags: BOTH, apps: 9 })];
  expect(place(module(false), [own, able], 'own')).toEqual([placed('able', 'worker')]);
  expect(place(module(false), [own, { ...able, present: false }], 'own')[0]).toMatchObject({
    ...{ supervisor: 'own', runtime: 'wasm-http' },
  });
  expect(place(module(false), [{ ...own, tags: BOTH }, able], 'own')[0]?.supervisor).toBe('own');
  expect(place(module(false), [own, host('b', { apps: 1 })], null)[0]?.supervisor).toBe('own');
});

test('what the host has said of the runtime is kept beside the decision', () => {
  const wall = { isolation: 'process', limits: { memory: 'enforced' } };
  const bare = { isolation: 'wasm-bare', limits: {} };
  const walls = new Map([
    ['worker', wall],
    ['wasm-http', bare],
  ]);
  expect(place(module(false), [host('a', { tags: BOTH, walls })], 'a')[0]?.wall).toEqual(wall);
  expect(place(module(false), [host('a', { walls })], 'a')[0]?.wall).toEqual(bare);
});

test('a host’s reason is kept as long as 64 of them fit into one event', () => {
  const long = [{ kind: 'worker', why: 'x'.repeat(1024), hint: '' }];
  const why = place(module(false), [host('a', { refused: long })], 'a')[0]?.standsInFor?.why ?? '';
  expect([why.length, why.at(-1)]).toEqual([240, '…']);
});
