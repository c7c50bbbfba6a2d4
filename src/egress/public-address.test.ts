import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '223.255.255.255',
  '2606:4700::1111',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['this machine', '0.0.0.0'],
  ['private', '10.255.255.255'],
  ['private', '172.16.0.0'],
  ['private', '172.31.255.255'],
  ['private', '192.168.0.1'],
  ['shared', '100.64.0.1'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['metadata', '169.254.169.254'],
  ['metadata', '100.100.100.200'],
  ['metadata', '168.63.129.16'],
  ['metadata', '192.0.0.192'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['link-local', 'fe80::1'],
  ['a zone', '2606:4700::1%eth0'],
  ['private', 'fd5a:1f02:44a5:240b:121a::1'],
  ['metadata', 'fd00:ec2::254'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
  ['documentation', '2001:db8::1'],
  ['no address', 'example.com'],
  ['no address', ''],
])('%s: %s is not', (_, address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test('an address of IPv6 that holds one of IPv4 is never public, whichever it holds and however', () => {
  fc.assert(
    fc.property(fc.ipV4(), (v4) => {
      const [a = 0, b = 0, c = 0, d = 0] = v4.split('.').map(Number);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      const holding = [
        `::${v4}`, // IPv4-compatible
        `::ffff:${v4}`, // IPv4-mapped
        `::ffff:0:${v4}`, // IPv4-translated
        `64:ff9b::${v4}`, // NAT64
        `64:ff9b:1::${v4}`, // NAT64 of a network
        `2002:${hex}::1`, // 6to4
        `2001:0:${hex}::1`, // Teredo
      ];
      for (const address of holding) expect([address, isPublicAddress(address)]).toEqual([address, false]);
    }),
  );
});

test('everything outside the space of the public Internet is not public', () => {
  const space = new BlockList();
  space.addSubnet('2000::', 3, 'ipv6');
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      if (!space.check(address, 'ipv6')) expect(isPublicAddress(address)).toBe(false);
    }),
  );
});
