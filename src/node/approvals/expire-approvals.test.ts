import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../kit/index.ts';
import type { EventListener } from '../live-state.ts';
import { startExpiry } from './expire-approvals.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const NAMES = ['late', 'early', 'never', 'old', 'decided', 'asked', 'one', 'two'];
const idOf = (name: string) => `0191e7c2-eeee-7222-8333-00000000000${NAMES.indexOf(name)}`;
const nameOf = (id: string) => NAMES[Number(id.at(-1))];

const approval = (name: string, at: number) => ({
  ...{ id: idOf(name), office: 'default', expiresAt: new Date(at).toISOString() },
});

/** Approvals of these names, which end so many milliseconds from now, and a log that may refuse. */
function office(ends: Readonly<Record<string, number>>) {
  const open = new Set(Object.keys(ends).map(idOf));
  const approvals = new Map(Object.entries(ends).map(([name, at]) => [idOf(name), approval(name, at)]));
  const listeners = new Set<EventListener>();
  const said: string[] = [];
  const refusals: Error[] = [];
  const say = (type: string) => {
    for (const listener of listeners) listener({ type } as Parameters<EventListener>[0]);
  };
  const tools = {
    live: {
      office: { openApprovals: open, approvals },
      onEvent: (listener: EventListener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    commands: {
      run: (command: () => Promise<unknown>) => command(),
      async append({ data, type }: { data: { approval_id: string }; type: string }) {
        const refusal = refusals.shift();
        if (refusal !== undefined) throw refusal;
        said.push(`${nameOf(data.approval_id)} at ${Date.now()}`);
        open.delete(data.approval_id);
        say(type);
        return { position: said.length, duplicate: false };
      },
    },
    clock: { now: () => Date.now() },
    logger: silentLogger(),
  } as unknown as Parameters<typeof startExpiry>[0];
  return { tools, said, open, approvals, refusals, say, listeners };
}

test('each is ended when its time is over, and not before', async () => {
  const { tools, said } = office({ late: 2 * HOUR, early: HOUR, never: 30 * DAY });
  const expiry = startExpiry(tools);
  await vi.advanceTimersByTimeAsync(HOUR - 1);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  expect(said).toEqual([`early at ${HOUR}`, `late at ${2 * HOUR}`]);
  await vi.advanceTimersByTimeAsync(30 * DAY); // longer than one timer can wait
  expect(said.at(-1)).toBe(`never at ${30 * DAY}`);
  await expiry.close();
});

test('what became too old while no node was there is ended at once', async () => {
  const { tools, said } = office({ old: -DAY });
  const expiry = startExpiry(tools);
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(['old at 0']);
  await expiry.close();
});

test('what is asked for later is waited for, and what was decided meanwhile is left alone', async () => {
  const { tools, said, open, approvals, say } = office({ decided: 3 * HOUR });
  const expiry = startExpiry(tools);
  open.delete(idOf('decided'));
  approvals.set(idOf('asked'), approval('asked', 2 * HOUR));
  open.add(idOf('asked'));
  say('approval_requested');
  await vi.advanceTimersByTimeAsync(3 * HOUR);
  expect(said).toEqual([`asked at ${2 * HOUR}`]);
  await expiry.close();
});

test('a log that refuses once is asked again with the next event, and nothing is said after the end', async () => {
  const { tools, said, refusals, say, listeners } = office({ one: HOUR, two: 2 * HOUR });
  const expiry = startExpiry(tools);
  refusals.push(new Error('the disk is full'));
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(said).toEqual([]);
  say('deployment_requested');
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual([`one at ${HOUR}`]);
  await expiry.close();
  await vi.advanceTimersByTimeAsync(DAY);
  expect([said.length, listeners.size]).toEqual([1, 0]);
});

test('while nothing else happens it is asked again by itself, until it takes it', async () => {
  const { tools, said, refusals } = office({ one: HOUR });
  const expiry = startExpiry(tools);
  refusals.push(...Array.from({ length: 5 }, () => new Error('the disk is full')));
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([expect.stringMatching(/^one at 36250\d\d$/)]);
  await expiry.close();
  expect(vi.getTimerCount()).toBe(0);
});
