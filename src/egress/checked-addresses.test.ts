import { expect, test } from 'vitest';
import { checkedAddresses } from './checked-addresses.ts';
import { isPublicAddress } from './public-address.ts';

const check = (...addresses: string[]) => checkedAddresses(addresses, isPublicAddress);

test('all of them are used when all are public', () => {
  expect(check('1.1.1.1', '2606:4700::1111')).toEqual({ usable: ['1.1.1.1', '2606:4700::1111'] });
});

test.each([
  [['1.1.1.1', '10.0.0.1'], '10.0.0.1'],
  [['127.0.0.1', '1.1.1.1'], '127.0.0.1'],
  [['1.1.1.1', '::ffff:1.1.1.1'], '::ffff:1.1.1.1'],
  [['1.1.1.1', '64:ff9b::a00:1'], '64:ff9b::a00:1'],
  [['1.1.1.1', '64:ff9b::7f00:1'], '64:ff9b::7f00:1'],
  [['1.1.1.1', '64:ff9b:1::101:101'], '64:ff9b:1::101:101'],
  [['1.1.1.1', '2002:101:101::1'], '2002:101:101::1'],
])('one that is not has the name refused: %j', (addresses, refused) => {
  expect(check(...addresses)).toEqual({ refused });
});

test('what DNS64 has made of a public address is left out, and is no way by itself', () => {
  expect(check('1.1.1.1', '64:ff9b::101:101')).toEqual({ usable: ['1.1.1.1'] });
  expect(check('64:ff9b::1.1.1.1', '1.1.1.1')).toEqual({ usable: ['1.1.1.1'] });
  expect(check('64:ff9b::101:101')).toEqual({ refused: '64:ff9b::101:101' });
});

test('a name without any has none', () => {
  expect(check()).toEqual({ usable: [] });
});
