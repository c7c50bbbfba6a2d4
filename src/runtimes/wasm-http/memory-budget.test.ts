import { expect, test } from 'vitest';
import { collectGarbage } from './collect-garbage.ts';
import { MemoryBudget } from './memory-budget.ts';

const MIB = 1 << 20;

/** An instance that can be told what it holds. */
interface Fake {
  mib: number;
  memoryBytes(): number;
}

function fake(mib: number): Fake {
  return {
    mib,
    memoryBytes() {
      return this.mib * MIB;
    },
  };
}

/** A budget of 100 MiB for instances of 40 MiB at most. */
function budgetOf(...instances: Fake[]) {
  const known = new Set(instances);
  let collections = 0;
  const budget = new MemoryBudget<Fake>({
    instanceBytes: 40 * MIB,
    totalBytes: 100 * MIB,
    instances: () => known,
    collect: () => {
      collections += 1;
    },
  });
  return {
    budget,
    collections: () => collections,
    drop: (instance: Fake) => {
      known.delete(instance);
      budget.drop(instance);
    },
  };
}

test('guests run side by side while their full growth fits, the next when one of them waits', async () => {
  const [one, two, three] = [fake(1), fake(1), fake(1)];
  const { budget } = budgetOf(one, two, three);
  expect(budget.admit(one)).toBeNull();
  expect(budget.admit(two)).toBeNull();
  const turn = budget.admit(three);
  expect(turn).not.toBeNull();
  expect(budget.leave(one)).toBe(false);
  await turn;
  expect(budget.admit(three)).toBeNull();
});

test('somebody may always run, and who takes what was left for all is told', () => {
  const instances = [fake(30), fake(30), fake(30)];
  const { budget } = budgetOf(...instances);
  const [first] = instances as [Fake];
  expect(budget.admit(first)).toBeNull();
  first.mib = 40;
  expect(budget.leave(first)).toBe(false);
  expect(budget.admit(first)).toBeNull();
  first.mib = 41;
  expect(budget.leave(first)).toBe(true);
});

test('what was dropped counts until it is collected, and is collected when there is no room beside it', async () => {
  const [old, next] = [fake(90), fake(1)];
  const { budget, collections, drop } = budgetOf(old, next);
  drop(old);
  expect(collections()).toBe(0);
  await budget.admit(next);
  expect(collections()).toBe(1);
  expect(budget.admit(next)).toBeNull();
  await budget.collect();
  expect(collections()).toBe(1); // nothing was dropped since
});

test('instances that are being made count with their full growth', () => {
  const { budget } = budgetOf(fake(10));
  expect(budget.hasRoomForNew(2)).toBe(true);
  expect(budget.hasRoomForNew(3)).toBe(false);
});

test('the linear memory of what nobody holds any more goes back to the system', async () => {
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (pages: object) => unknown } })
    .WebAssembly;
  const before = process.memoryUsage.rss();
  for (let made = 0; made < 4; made++) {
    const { buffer } = new Memory({ initial: 1024, maximum: 1024 }) as { buffer: ArrayBuffer };
    new Uint8Array(buffer).fill(1);
  }
  expect(process.memoryUsage.rss() - before).toBeGreaterThan(200 * MIB);
  collectGarbage();
  await expect.poll(() => process.memoryUsage.rss() - before).toBeLessThan(100 * MIB);
});
