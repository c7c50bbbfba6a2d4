import { expect, test } from 'vitest';
import { grantedHosts } from './granted-hosts.ts';
import { ownNetwork } from './own-network.ts';

const OWN = ['9.9.9.9/24', '2a02:1:2:3::7/64', '2a0a:1::1/32', '127.0.0.1/8', '::1/128'];

test.each([
  ['9.9.9.9', true],
  ['9.9.9.8', false],
  ['2a02:1:2:3::7', true],
  ['2a02:1:2:3:9:9:9:9', true],
  ['2a02:1:2:4::7', false],
  ['2a0a:1::1', true],
  ['2a0a:1::2', false],
  ['no address', false],
])('%s is of this machine or next to it: %s', (address, expected) => {
  expect(ownNetwork(() => OWN)(address)).toBe(expected);
});

test('the interfaces of the machine are asked for now and then', () => {
  let now = 0;
  let addresses = OWN;
  const isOwn = ownNetwork(
    () => addresses,
    () => now,
  );
  expect(isOwn('9.9.9.9')).toBe(true);
  addresses = ['8.8.8.8/32'];
  now = 4_999;
  expect(isOwn('8.8.8.8')).toBe(false);
  now = 5_000;
  expect([isOwn('8.8.8.8'), isOwn('9.9.9.9')]).toEqual([true, false]);
});

test('a granted name does not lead to this machine by its public address, unless that is granted by itself', () => {
  const to = { host: 'api.example.com', port: 443 };
  const policy = grantedHosts(
    ['api.example.com'],
    [],
    ownNetwork(() => OWN),
  );
  expect(policy.allowsAddress(to, '9.9.9.8')).toBe(true);
  expect(policy.allowsAddress(to, '9.9.9.9')).toBe(false);
  expect(policy.allowsAddress(to, '2a02:1:2:3::99')).toBe(false);
  policy.set(['api.example.com', '9.9.9.9:443']);
  expect(policy.allowsAddress(to, '9.9.9.9')).toBe(true);
});
