import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers } from './covers.ts';
import { hostEntryAllows, parseHostEntry } from './host-pattern.ts';

describe('a grant covers a request', () => {
  test.each([
    ['http:*.x.com', 'http:api.x.com'],
    ['http:*.x.com', 'http:*.a.x.com'],
    ['http:api.x.com', 'http:https://api.x.com'],
    ['http:api.x.com', 'http:https://api.x.com:443'],
    ['build-network:*.x.com', 'build-network:deb.x.com'],
    ['secret-for:k@*.x.com', 'secret-for:k@api.x.com'],
    ['subscribe:tenant_a.*', 'subscribe:tenant_a.tele*'],
    ['subscribe-from:beginning', 'subscribe-from:12'],
    ['subscribe-from:12', 'subscribe-from:13'],
    ['action:telegram:send', 'action:telegram:send@office'],
    ['isolation:wasm-bare', 'isolation:process'],
    ['isolation:process', 'isolation:wasm'],
    ['isolation:wasm', 'isolation:vm'],
    ['limit:memory_mb=2048', 'limit:memory_mb=1024'],
    ['what is not known', 'what is not known'],
    ['http:*', 'http:*'],
  ])('%s covers %s', (granted, requested) => {
    expect(covers(granted, requested)).toBe(true);
    expect(covers(requested, granted)).toBe(granted === requested);
  });

  test.each([
    ['http:*.x.com', 'http:x.com'],
    ['http:*.x.com', 'build-network:a.x.com'],
    ['http:*', 'http:api.x.com'],
    ['http:app:shop', 'http:app:shop-2'],
    ['secret-for:k@*.x.com', 'secret-for:l@api.x.com'],
    ['secret:k', 'secret-for:k@api.x.com'],
    ['secret-for:k@api.x.com', 'secret:k'],
    ['secret:k', 'secret:K'],
    ['subscribe:tenant_a.*', 'subscribe:tenant_a.b.c'],
    ['subscribe:tenant_a.*', 'emit:tenant_a.b'],
    ['subscribe:tenant_a.*', 'subscribe:TENANT_a.b'],
    ['emit:tenant_*.b', 'emit:tenant_a.b'],
    ['action:telegram:send@a', 'action:telegram:send@b'],
    ['action:telegram:send', 'action:telegram:read'],
    ['isolation:vm', 'isolation:wasm'],
    ['limit:memory_mb=2048', 'limit:vcpus=2'],
    ['limit:memory_mb=2048', 'limit:memory_mb=2049'],
    ['limit:memory_mb=2048', 'limit:memory_mb=-1'],
    ['limit:memory_mb=2048', 'limit:memory_mb=1e3'],
    ['limit:memory_mb=2048', 'limit:memory_mb=1024=1'],
    ['limit:memory_mb=Infinity', 'limit:memory_mb=1024'],
    ['limit:toString=2', 'limit:toString=1'],
    ['visibility:public', 'visibility:private'],
    ['host:a', 'host:b'],
    ['*', 'visibility:public'],
  ])('%s does not cover %s', (granted, requested) => {
    expect(covers(granted, requested)).toBe(false);
  });
});

const KINDS = [
  ...['http', 'build-network', 'secret-for', 'subscribe', 'subscribe-from', 'emit', 'action', 'secret'],
  ...['visibility', 'schedule', 'host', 'isolation', 'limit', 'root'],
];
const VALUES = [
  ...['x.com', 'a.x.com', '*.x.com', '*.a.x.com', 'a.x.com:80', 'https://a.x.com', 'https://*.x.com:8443'],
  ...[
    'k@a.x.com',
    'k@*.x.com',
    'tenant_a.*',
    'tenant_a.b',
    'tenant_a.b*',
    'platform.llm',
    'beginning',
    '0',
    '7',
  ],
  ...['a:b', 'a:b@c', 'k', 'public', 'n 0 9 * * 1 UTC /p', 'vm', 'wasm', 'process', 'wasm-bare', ''],
  ...['memory_mb=1024', 'memory_mb=2048', 'vcpus=2', 'app:shop'],
];
const line = fc
  .tuple(fc.constantFrom(...KINDS), fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 6 })))
  .map(([kind, value]) => `${kind}:${value}`);

test('it is reflexive and transitive, and never leads from one kind to another', () => {
  const kind = (text: string) => text.slice(0, text.indexOf(':'));
  const some = KINDS.flatMap((each) => VALUES.map((value) => `${each}:${value}`));
  const below = new Map(some.map((grant) => [grant, some.filter((request) => covers(grant, request))]));
  for (const [grant, requests] of below) {
    expect(requests).toContain(grant);
    for (const request of requests) {
      if (kind(request) !== kind(grant)) expect.unreachable(`${grant} covers ${request}`);
      for (const next of below.get(request) ?? []) {
        if (!requests.includes(next)) expect.unreachable(`${grant} covers ${request}, which covers ${next}`);
      }
    }
  }
});

test('a request that is covered never calls what its grant does not allow', () => {
  const calls = ['x.com', 'a.x.com', 'b.a.x.com', 'z.x.com'].flatMap((host) =>
    (['http', 'https'] as const).flatMap((scheme) => [80, 443, 8443].map((port) => ({ scheme, host, port }))),
  );
  const allowed = (entry: string) => {
    const pattern = parseHostEntry(entry.slice('http:'.length));
    return calls.filter((call) => pattern !== null && hostEntryAllows(pattern, call));
  };
  fc.assert(
    fc.property(line, line, (granted, requested) => {
      if (!requested.startsWith('http:') || !covers(granted, requested)) return;
      expect(allowed(granted)).toEqual(expect.arrayContaining(allowed(requested)));
    }),
    { numRuns: 5000 },
  );
});

test('whatever the two texts are, there is an answer, and text that says nothing covers itself alone', () => {
  fc.assert(
    fc.property(fc.string(), line, (text, other) => {
      expect(covers(text, text)).toBe(true);
      if (!KINDS.includes(text.split(':', 1)[0] ?? '')) {
        expect(covers(text, other)).toBe(text === other);
        expect(covers(other, text)).toBe(text === other);
      }
    }),
  );
});
