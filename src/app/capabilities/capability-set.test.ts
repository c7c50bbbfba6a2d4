import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capabilitySet } from './capability-set.ts';
import { covers } from './covers.ts';

const LINES = [
  ...['http:a.x.com', 'http:*.x.com', 'http:https://a.x.com', 'http:app:shop', 'build-network:a.x.com'],
  ...['secret-for:k@a.x.com', 'secret-for:k@*.x.com', 'secret-for:l@a.x.com', 'secret:k', 'secret:l'],
  ...[
    'subscribe:tenant_o.a',
    'subscribe:tenant_o.*',
    'subscribe-from:beginning',
    'subscribe-from:7',
    'emit:tenant_o.a',
  ],
  ...['action:telegram:send', 'action:telegram:send@team', 'action:telegram:read', 'visibility:public'],
  ...['schedule:n 0 3 * * * UTC /p', 'schedule:n 0 4 * * * UTC /p', 'host:a', 'host:b'],
  ...['isolation:process', 'isolation:wasm-bare', 'limit:vcpus=2', 'limit:vcpus=4', 'limit:data_mb=2'],
  ...['odd', 'root:yes', 'http:*', ''],
];

test('a set answers as its capabilities do one by one', () => {
  const line = fc.constantFrom(...LINES);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), line, (lines, other) => {
      const set = capabilitySet(lines);
      expect(set.covers(other)).toBe(lines.some((each) => covers(each, other)));
      expect([...set.within(other)].sort()).toEqual(
        [...new Set(lines)].filter((each) => covers(other, each)).sort(),
      );
    }),
    { numRuns: 5000 },
  );
});
