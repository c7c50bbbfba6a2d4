import { expect, test } from 'vitest';
import { Guest } from './guest.ts';
import type { Instance } from './instance.ts';
import { InstancePool } from './instance-pool.ts';

const MIB = 1 << 20;
const patient = new AbortController().signal;

interface Wear {
  uses?: number;
  memoryBytes?: number;
  keptHandles?: number;
}

function instance({ uses = 1, memoryBytes = MIB, keptHandles = 0 }: Wear = {}): Instance {
  const guest = new Guest(1e9);
  for (let kept = 0; kept < keptHandles; kept++) guest.holdResource();
  return {
    guest,
    uses,
    handle: async () => {},
    endRequest: () => {},
    fuelUsed: () => 7 * uses,
    fuelSpent: () => false,
    restore: () => false,
    memoryBytes: () => memoryBytes,
  };
}

function poolOf(create: () => Promise<Instance>, options: { budgetMib?: number; reuse?: boolean } = {}) {
  const { budgetMib = 1024, reuse = true } = options;
  return new InstancePool({
    create,
    instanceBytes: 64 * MIB,
    budgetBytes: budgetMib * MIB,
    collect: () => {},
    reuse,
  });
}

test('the instance used last is lent first, so that quiet hours leave the others idle', async () => {
  const pool = poolOf(async () => instance());
  const [one, two] = await Promise.all([pool.take(patient), pool.take(patient)]);
  pool.giveBack(one as Instance);
  pool.giveBack(two as Instance);
  expect(pool.takeIdle()).toBe(two);
  pool.close('over');
});

test.each([
  ['used 50,000 times', { uses: 50_000 }],
  ['near its memory bound', { memoryBytes: 60 * MIB }],
  ['keeping handles', { keptHandles: 501 }],
])('an instance %s is replaced', async (_, wear) => {
  const pool = poolOf(async () => instance(wear));
  pool.giveBack((await pool.take(patient)) as Instance);
  expect(pool.takeIdle()).toBeNull();
  pool.close('over');
});

test('an instance is made when somebody asks whether there is one and there is none, and only then', async () => {
  let made = 0;
  const pool = poolOf(async () => {
    if (++made > 1) throw new Error('no memory for it');
    return instance();
  });
  await pool.ensureOne();
  await pool.ensureOne();
  const lent = pool.takeIdle() as Instance;
  await pool.ensureOne(); // one that is at work will do
  expect(made).toBe(1);
  pool.discard(lent);
  await expect(pool.ensureOne()).rejects.toThrow('no memory for it');
  pool.close('over');
});

test('there are at most 16 instances; further requests wait in line', async () => {
  const pool = poolOf(async () => instance());
  const busy = await Promise.all(Array.from({ length: 16 }, () => pool.take(patient)));
  const order: number[] = [];
  const first = pool.take(patient)?.then(() => order.push(1));
  const second = pool.take(patient)?.then(() => order.push(2));
  expect(pool.figures).toMatchObject({ instances_busy: 16, requests_waiting: 2 });
  for (const one of busy.slice(0, 2)) pool.giveBack(one as Instance);
  await Promise.all([first, second]);
  expect(order).toEqual([1, 2]);
  pool.close('over');
});

test('no instance is added whose full growth would not fit beside what is in use', async () => {
  const pool = poolOf(async () => instance({ memoryBytes: 40 * MIB }), { budgetMib: 128 });
  const first = await pool.take(patient);
  const second = await pool.take(patient); // 40 + 64 fits into 128
  void pool.take(patient)?.catch(() => {}); // 80 + 64 does not
  expect(pool.figures).toMatchObject({ instances: 2, requests_waiting: 1 });
  expect(first).not.toBe(second);
  pool.close('over');
});

test('who leaves the line is gone from it, and the next one gets the instance', async () => {
  const pool = poolOf(async () => instance(), { budgetMib: 1 });
  const only = (await pool.take(patient)) as Instance;
  const leaver = new AbortController();
  const left = pool.take(leaver.signal);
  const stays = pool.take(patient);
  leaver.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  pool.giveBack(only);
  expect(await stays).toBe(only);
  pool.close('over');
});

test('a request that waits gets a new instance when the one it waited for broke down', async () => {
  const pool = poolOf(async () => instance(), { budgetMib: 1 });
  const broken = (await pool.take(patient)) as Instance;
  const waiting = pool.take(patient);
  pool.discard(broken);
  expect(await waiting).not.toBe(broken);
  pool.giveBack(broken); // its guest came back late: no longer the pool's
  expect(pool.figures.instances).toBe(1);
  pool.close('over');
});

test('an instance that cannot be made fails the request only when there is none to wait for', async () => {
  let refuse = false;
  const pool = poolOf(async () => {
    if (refuse) throw new Error('out of memory');
    return instance();
  });
  const made = (await pool.take(patient)) as Instance;
  refuse = true;
  const waiting = pool.take(patient);
  pool.giveBack(made);
  expect(await waiting).toBe(made);
  pool.discard(made);
  await expect(pool.take(patient)).rejects.toThrow('out of memory');
  pool.close('over');
});

test('without reuse no instance serves twice', async () => {
  const pool = poolOf(async () => instance(), { reuse: false });
  const first = (await pool.take(patient)) as Instance;
  pool.giveBack(first);
  expect(pool.takeIdle()).toBeNull();
  expect(await pool.take(patient)).not.toBe(first);
  pool.close('over');
});

test('without reuse an instance that can be put back serves again, one that is worn does not', async () => {
  const wear = { uses: 1 };
  const put = { ...instance(), restore: () => true };
  Object.defineProperty(put, 'uses', { get: () => wear.uses });
  const pool = poolOf(async () => put, { reuse: false });
  pool.giveBack((await pool.take(patient)) as Instance);
  expect(pool.takeIdle()).toBe(put);
  wear.uses = 50_000;
  pool.giveBack(put);
  expect(pool.takeIdle()).toBeNull();
  pool.close('over');
});

test('a guest that waits with more than is left for all is ended; the idle go first', async () => {
  const grown = { memoryBytes: MIB };
  const pool = poolOf(async () => ({ ...instance(), memoryBytes: () => grown.memoryBytes }), {
    budgetMib: 128,
  });
  const [waiting, idle] = (await Promise.all([pool.take(patient), pool.take(patient)])) as [
    Instance,
    Instance,
  ];
  pool.giveBack(idle);
  expect(pool.admit(waiting)).toBeNull();
  const nothing = { ready: () => false, watch: () => {}, unwatch: () => {} };
  grown.memoryBytes = 100 * MIB;
  const allowed = waiting.guest.untilReady([nothing]); // 200 MiB with the idle one, 100 without
  grown.memoryBytes = 130 * MIB;
  await expect(waiting.guest.untilReady([nothing])).rejects.toMatchObject({ reason: 'app_memory' });
  expect(pool.figures).toMatchObject({ instances: 0 });
  waiting.guest.interrupt('over');
  await expect(allowed).rejects.toMatchObject({ reason: 'interrupted' });
  pool.close('over');
});
