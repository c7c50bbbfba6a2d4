import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../../kit/index.ts';
import type { EmptyHost } from './empty-host.ts';
import { createHostPool, type HostPool } from './host-pool.ts';
import type { WarmHosts } from './pool-size.ts';

const MIB = 1 << 20;
const BOUND = 100;
/** What a host takes of the machine. */
const HOST_MIB = 45;
const QUIET_MS = 500;
const CHECK_MS = 5_000;

let availableMib = 8_000;
let next = 1;
let living: Map<number, EmptyHost & { die(): void }>;
let pool: HostPool;
beforeEach(() => {
  vi.useFakeTimers();
  availableMib = 8_000;
  living = new Map();
});
afterEach(async () => {
  await pool.close();
  vi.useRealTimers();
});

/** A host without a process: the pool asks no more of one. */
function fakeHost(): EmptyHost {
  const child = new EventEmitter() as ChildProcess;
  const pid = next++;
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    living.delete(pid);
    child.emit('exit', null, 'SIGKILL');
  };
  const host = {
    child,
    pid,
    dataBytes: BOUND,
    ready: Promise.resolve(),
    hasEnded: () => hasEnded,
    kill: end,
  };
  living.set(pid, { ...host, die: end } as unknown as EmptyHost & { die(): void });
  return host as unknown as EmptyHost;
}

function openPool(most: WarmHosts): void {
  pool = createHostPool({
    most,
    logger: silentLogger(),
    prepare: async () => fakeHost(),
    memory: () => ({
      availableBytes: (availableMib - living.size * HOST_MIB) * MIB,
      totalBytes: 16_000 * MIB,
    }),
    ...{ quietMs: QUIET_MS, checkMs: CHECK_MS },
  });
  pool.open();
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it('is filled when no app has started for a while, and not before', async () => {
  openPool(2);
  await pass(QUIET_MS - 1);
  expect(pool.pids()).toHaveLength(0);
  const release = pool.hold();
  await pass(QUIET_MS * 3);
  expect(pool.pids()).toHaveLength(0);
  release();
  await pass(QUIET_MS);
  expect(pool.pids()).toHaveLength(2);
});

it('gives its memory back while the machine is short of it, and grows again afterwards', async () => {
  openPool('by_memory');
  await pass(QUIET_MS);
  expect(pool.pids()).toHaveLength(4);
  availableMib = 400;
  await pass(CHECK_MS);
  expect(living.size).toBe(0);
  expect(pool.assign(BOUND)).toBe(null);
  availableMib = 800; // a little: not enough for all, nor so little that what comes now must go again
  await pass(CHECK_MS);
  expect(pool.pids()).toHaveLength(1);
  availableMib = 8_000;
  await pass(CHECK_MS);
  expect(pool.pids()).toHaveLength(4);
});

it('starts nothing at all when it is switched off', async () => {
  openPool(0);
  await pass(CHECK_MS * 2);
  expect(living.size).toBe(0);
});

it('gives each host away once, and only to whom its bound is enough', async () => {
  openPool(1);
  await pass(QUIET_MS);
  expect(pool.assign(BOUND + 1)).toBe(null);
  const [pid] = pool.pids();
  expect(pool.assign(BOUND)?.pid).toBe(pid);
  expect(pool.assign(BOUND)).toBe(null);
  availableMib = 100;
  await pass(CHECK_MS);
  expect(living.has(pid ?? 0)).toBe(true); // it is not the pool's any more
});

it('puts another in the place of one that died', async () => {
  openPool(2);
  await pass(QUIET_MS);
  const [first = 0] = pool.pids();
  living.get(first)?.die();
  expect(pool.pids()).not.toContain(first);
  await pass(QUIET_MS);
  expect(pool.pids()).toHaveLength(2);
  expect(living.size).toBe(2);
});
