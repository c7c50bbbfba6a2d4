import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Credential } from '../../state/index.ts';
import { emptyOffice, type OfficeState } from '../../state/index.ts';
import { credentialsInUse } from './credentials-in-use.ts';
import type { InUse } from './in-use.ts';

const DAY_MS = 86_400_000;
let office: OfficeState;
let inUse: InUse<Credential>;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  office = emptyOffice();
  inUse = credentialsInUse(office, { now: () => Date.now(), note() {} });
});
afterEach(() => {
  inUse.close();
  vi.useRealTimers();
});

function add(hash: string, expiresAt: string | null): void {
  office.credentials.set(hash, {
    ...{ id: hash, kind: 'person', name: hash, office: 'default', role: 'viewer', scopes: ['read'] },
    ...{ issuedAt: '2026-01-01T00:00:00Z', trustedSince: 1, issuedBy: 'user:owner', expiresAt },
  });
}

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

test('each ends at its own time, also beyond the 24.8 days of the longest timer, and only then', () => {
  const days = [0.1, 24, 25, 90];
  for (const day of days) add(`of ${day}`, inDays(day));
  const signals = days.map((day) => inUse.use(`of ${day}`)!.ended);
  const start = Date.now();
  for (const [index, day] of days.entries()) {
    vi.advanceTimersByTime(start + day * DAY_MS - Date.now() - 1);
    expect(signals.map(({ aborted }) => aborted)).toEqual(days.map((_, each) => each < index));
    vi.advanceTimersByTime(1);
    expect(signals[index]?.aborted).toBe(true);
    expect(inUse.use(`of ${day}`)).toBeNull();
  }
});

test('a clock that is set ahead is noticed within half a minute', () => {
  add('a', inDays(30));
  const { ended } = inUse.use('a')!;
  vi.setSystemTime(Date.now() + 31 * DAY_MS); // the timers' own time stands still
  expect(ended.aborted).toBe(false);
  vi.advanceTimersByTime(30_000);
  expect(ended.aborted).toBe(true);
});

test('one that never ends needs no timer, and ends when it is taken out of the state', () => {
  add('a', null);
  add('b', null);
  const [a, b] = [inUse.use('a')!.ended, inUse.use('b')!.ended];
  expect(vi.getTimerCount()).toBe(0);
  office.credentials.delete('a');
  inUse.sweep();
  expect([a.aborted, b.aborted]).toEqual([true, false]);
  expect(inUse.use('b')!.ended).toBe(b);
  // issued anew under the same hash it would be another use
  add('a', null);
  expect(inUse.use('a')!.ended).not.toBe(a);
});

test('a time that cannot be read is over', () => {
  add('a', 'soon');
  expect(inUse.use('a')).toBeNull();
});
