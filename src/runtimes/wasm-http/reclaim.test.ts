import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { openRequest, until } from '../testing/served-app.ts';
import { collectGarbage } from './collect-garbage.ts';
import { useProbe } from './probe.fixture.ts';

const startProbe = useProbe();

const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new () => unknown } }).WebAssembly;
/** Linear memories that are alive. */
const memories = () => queryObjects(Memory, { format: 'count' });

test('a guest that was ended while it waited leaves nothing behind: neither its stack nor its memory', async () => {
  await using served = await startProbe();
  const before = memories();
  const visitors = Array.from({ length: 12 }, () => openRequest(served.port, '/forever'));
  for (const visitor of visitors) visitor.end();
  await until('all wait', () => served.app.stats().instances_busy === 12);
  expect(memories()).toBeGreaterThanOrEqual(before + 11);
  for (const visitor of visitors) visitor.abort();
  await until('all were given up', () => served.app.stats().instances_busy === 0);
  await expect
    .poll(
      () => {
        collectGarbage();
        return memories();
      },
      { timeout: 20_000 },
    )
    .toBeLessThanOrEqual(before + 1);
});
