import { expect, test } from 'vitest';
import type { AppState, PlacementState } from '../../state/index.ts';
import { addressesFor } from './addresses.ts';

const ULA = 'fd5a:1f02:44a5:240b:121a::1';
const nth = (n: string) => `fd5a:1f02:44a5:240b:121a::${n}`;

/** @param hosts what each has: an address, with `!` in front when it keeps nothing of the app any more */
function app(hosts: Readonly<Record<string, string>>): Pick<AppState, 'ula' | 'placements'> {
  const placement = (address: string) =>
    ({
      assignment: { address: address.replace('!', ''), purged: address.startsWith('!') },
    }) as PlacementState;
  const placements = new Map(Object.entries(hosts).map(([name, address]) => [name, placement(address)]));
  return { ula: ULA, placements };
}

test('the first host has the app’s own address, the others the lowest that is free', () => {
  expect(addressesFor(app({}), ['a', 'b', 'c'])).toEqual([ULA, nth('2'), nth('3')]);
});

test('a host keeps its address, also when others come and go, and none has that of another', () => {
  const before = app({ a: ULA, b: nth('2'), c: nth('3'), gone: `!${nth('4')}` });
  expect(addressesFor(before, ['a', 'c', 'd'])).toEqual([ULA, nth('3'), nth('4')]);
  expect(addressesFor(before, ['c', 'a', 'b'])).toEqual([ULA, nth('4'), nth('2')]);
});

test('more than nine hosts count on in hex', () => {
  const many = Array.from({ length: 12 }, (_, n) => `h${n}`);
  expect(addressesFor(app({}), many).slice(9)).toEqual([nth('a'), nth('b'), nth('c')]);
});
