import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appUla } from './app-ula.ts';

/** The table of CONTRACTS §3. */
const VECTORS = [
  ['0191e7c2-1111-7222-8333-444455556666', 'fd5a:1f02:44a5:240b:121a::1'],
  ['00000000-0000-0000-0000-000000000000', 'fd5a:1f02:e572:dff8:2304::1'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', 'fd5a:1f02:c387:565:bcf2::1'],
  ['0191e7c2-0000-7000-8000-000000000001', 'fd5a:1f02:d5c0:ee4c:8978::1'],
  ['019e7903-0000-7000-8000-000000000d03', 'fd5a:1f02:d8a4:1b0f:e502::1'],
  ['019e7903-0000-7000-8000-000000000f01', 'fd5a:1f02:2681:3916:d66b::1'],
  ['6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'fd5a:1f02:324d:c4b4:e466::1'],
  ['cc4bfba2-17a9-512d-b6f4-43f69114be65', 'fd5a:1f02:7359:65e5:198f::1'],
  ['334ba8fb-e36d-5d4c-9448-3aeea825dd3a', 'fd5a:1f02:bae1:588c:670a::1'],
] as const;

test.each(VECTORS)('the app %s has the address %s', (uuid, ula) => {
  expect(appUla(uuid)).toBe(ula);
});

test('the address does not depend on the case of the id', () => {
  fc.assert(fc.property(fc.uuid(), (uuid) => appUla(uuid.toUpperCase()) === appUla(uuid)));
});

test('a text that is no UUID is refused', () => {
  expect(() => appUla('0191e7c2')).toThrow(expect.objectContaining({ code: 'app_id_invalid' }));
});
