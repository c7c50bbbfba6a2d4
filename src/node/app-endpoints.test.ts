import { expect, test } from 'vitest';
import type { AppState, OfficeState, PlacementState } from '../state/index.ts';
import { appPlaces } from './app-endpoints.ts';

type Said = Partial<Pick<PlacementState['assignment'], 'pinned' | 'stopped' | 'purged'>> & {
  readonly lifecycle?: 'on_request' | 'always_on';
  readonly state?: 'running' | 'stopped' | 'crashed';
  readonly good?: string | null;
};

/** An app whose hosts are as it is said, the first one with its own address. */
function places(hosts: Readonly<Record<string, Said>>, away: readonly string[] = []) {
  const placements = Object.entries(hosts).map(([supervisor, said], index) => {
    const { lifecycle = 'on_request', state = null, good = 'd1', ...rest } = said;
    const assignment = {
      ...{ supervisor, address: index === 0 ? 'ula' : `ula${index}`, settings: { lifecycle } },
      ...{ pinned: false, stopped: false, purged: false, purgePosition: 0, ...rest },
    };
    return [
      supervisor,
      {
        assignment,
        good: good === null ? null : { deployment: good },
        instance: state === null ? null : { state },
      },
    ] as const;
  });
  const app = { uuid: 'app', slug: 'tiny', ula: 'ula', inPlace: 'd1', openDeployments: new Set() };
  const apps = new Map([['app', { ...app, placements: new Map(placements) } as unknown as AppState]]);
  const office = { apps } as unknown as OfficeState;
  const presences = { of: (name: string) => (away.includes(name) ? undefined : ({} as never)) };
  return appPlaces({ office }, presences, { wake: () => Promise.reject(new Error('not asked here')) });
}

test('visitors are sent to the hosts of the version in place, its own address first, hosts that are away last', () => {
  const hosts = { zeta: {}, beta: {}, alpha: {}, other: { good: 'd0' }, fresh: { good: null } };
  const names = (away: readonly string[] = []) =>
    places(hosts, away)
      .of('app')
      .map(({ name }) => name);
  expect(names()).toEqual(['zeta', 'alpha', 'beta']);
  expect(names(['zeta', 'alpha'])).toEqual(['beta', 'zeta', 'alpha']);
});

test('it is awake where it runs, and where it is to run unasked', () => {
  const hosts: Record<string, Said> = {
    running: { state: 'running' },
    idle: { state: 'stopped' },
    crashed: { state: 'crashed' },
    pinned: { pinned: true },
    always: { lifecycle: 'always_on', state: 'crashed' },
    halted: { lifecycle: 'always_on', stopped: true, state: 'stopped' },
    woken: { lifecycle: 'always_on', stopped: true, state: 'running' },
  };
  const awake = places(hosts)
    .of('app')
    .filter((place) => place.awake);
  expect(awake.map(({ name }) => name).sort()).toEqual(['always', 'pinned', 'running', 'woken']);
});

test('what is placed nowhere is refused with what to do', () => {
  const nowhere = places({});
  expect(nowhere.of('app')).toEqual([]);
  expect(nowhere.nowhere('app')).toMatchObject({ code: 'app_not_ready', what: "'tiny' is not running yet" });
  expect(nowhere.of('unknown')).toEqual([]);
});
