import { expect, test } from 'vitest';
import { peerUla } from './index.ts';

test.each([
  ['', 1, 'fd5a:1f00:0:1::1'],
  ['alice', 1, 'fd5a:1f00:2697:1::1'],
  ['bob', 2, 'fd5a:1f00:5d4a:2::1'],
  ['system', 255, 'fd5a:1f00:4ed8:ff::1'],
  ['tabbify-svc', 65_535, 'fd5a:1f00:69c6:ffff::1'],
  ['n_jpegxik72nng', 16, 'fd5a:1f00:fc22:10::1'],
])('host %2$i of the network "%1$s" has its derived address', (network, index, ula) => {
  expect(peerUla(network, index)).toBe(ula);
});

test.each([0, -1, 1.5, 65_536, Number.NaN])('the index %d is refused', (index) => {
  expect(() => peerUla('', index)).toThrow(expect.objectContaining({ code: 'peer_index_invalid' }));
});
