import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIpv6 } from './ipv6-text.ts';

test('an address is written as the operating system writes it', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  // The first group is fixed, so that no address of the old IPv4-mapped kinds with their own notation comes up.
  fc.assert(
    fc.property(fc.array(group, { minLength: 7, maxLength: 7 }), (rest) => {
      const groups = [0xfd5a, ...rest];
      const long = groups.map((value) => value.toString(16)).join(':');
      expect(formatIpv6(groups)).toBe(new SocketAddress({ address: long, family: 'ipv6' }).address);
    }),
  );
});

test('one zero group is not shortened', () => {
  expect(formatIpv6([1, 0, 2, 3, 4, 5, 6, 7])).toBe('1:0:2:3:4:5:6:7');
  expect(formatIpv6([0xfd5a, 0x1f00, 0, 1, 0, 0, 0, 1])).toBe('fd5a:1f00:0:1::1');
});
