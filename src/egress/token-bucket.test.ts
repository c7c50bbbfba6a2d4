import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('gives so many at once, then so many per second, and never more than its size', () => {
  const clock = { time: 0, now: () => clock.time };
  const bucket = new TokenBucket(3, 2, clock);
  const taken = () => Array.from({ length: 10 }, () => bucket.take()).filter(Boolean).length;
  expect(taken()).toBe(3);
  clock.time = 499;
  expect(taken()).toBe(0);
  clock.time = 1_000;
  expect(taken()).toBe(2);
  clock.time = 100_000;
  expect(taken()).toBe(3);
  clock.time = 0; // a clock that was put back
  expect(taken()).toBe(0);
});
