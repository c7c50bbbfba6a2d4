import { expect, test } from 'vitest';
import type { IsolationClass } from '../../app/index.ts';
import type { AppState, OfficeState } from '../../state/index.ts';
import type { Placement } from '../deploys/placement.ts';
import { weakerWalls } from './weaker-walls.ts';

type Standing = {
  readonly isolation: IsolationClass | null;
  readonly success?: boolean;
  readonly isGone?: boolean;
};

const wallOf = (isolation: IsolationClass | null) => isolation && { isolation, limits: {} };

/** @param now what stands around the app on each host; @param then what would */
function asked(
  now: readonly Standing[],
  then: readonly (IsolationClass | null)[] | null,
  inPlace: string | null = 'd',
) {
  const results = now.map(({ isolation, success = true }, n) => ({
    ...{ supervisor: `host-${n}`, wall: wallOf(isolation), success },
  }));
  const placements = now.flatMap(({ isGone = false }, n) =>
    isGone ? [] : [[`host-${n}`, { assignment: { supervisor: `host-${n}`, purged: false } }] as const],
  );
  const office = { deployments: new Map([['d', { results }]]) } as unknown as OfficeState;
  const app = { inPlace, placements: new Map(placements) } as unknown as AppState;
  const wouldBe = then?.map((isolation) => ({ wall: wallOf(isolation) }) as Placement) ?? null;
  return weakerWalls(office, { app, placements: wouldBe });
}

test('a weaker class is asked for, once, and a stronger or the same one is not', () => {
  expect(asked([{ isolation: 'vm' }], ['process', 'process'])).toEqual(['isolation:process']);
  expect(asked([{ isolation: 'process' }], ['vm', 'process', 'wasm'])).toEqual([]);
});

test('where several hosts differ, the weakest that stands is what counts', () => {
  expect(asked([{ isolation: 'vm' }, { isolation: 'process' }], ['process'])).toEqual([]);
  expect(asked([{ isolation: 'vm' }, { isolation: 'process' }], ['wasm-bare'])).toEqual([
    'isolation:wasm-bare',
  ]);
});

test('what failed there, what it has left, and what nobody said stands for nothing', () => {
  expect(asked([{ isolation: 'vm' }, { isolation: 'process', success: false }], ['process'])).toEqual([
    'isolation:process',
  ]);
  expect(asked([{ isolation: 'vm' }, { isolation: 'process', isGone: true }], ['process'])).toEqual([
    'isolation:process',
  ]);
  expect(asked([{ isolation: 'vm' }, { isolation: null }], ['process', null])).toEqual(['isolation:process']);
});

test('the first deployment weakens nothing, and neither does one that can go nowhere', () => {
  expect(asked([{ isolation: 'vm' }], ['process'], null)).toEqual([]);
  expect(asked([{ isolation: null }], ['process'])).toEqual([]);
  expect(asked([{ isolation: 'vm' }], null)).toEqual([]);
});
