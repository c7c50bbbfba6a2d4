import { expect, test } from 'vitest';
import { grantedHosts } from './granted-hosts.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { openCanary } from './testing/canary.ts';

test('lookups that were given up and go on are bounded; places that need none are reached meanwhile', async () => {
  await using canary = await openCanary();
  const underWay: ((addresses: readonly string[]) => void)[] = [];
  const channel = openChannel({
    policy: grantedHosts([`*.slow.example:${canary.port}`, `127.0.0.1:${canary.port}`]),
    platform: noAppApi(),
    say: () => {},
    clock: { now: () => 0 },
    limits: { streams: 4, connectMs: 20 },
    resolve: (name) =>
      name === '127.0.0.1' ? Promise.resolve([name]) : new Promise((resolve) => void underWay.push(resolve)),
  });
  const outcomeOf = (host: string) =>
    channel.dial({ host, port: canary.port }).then(
      (stream) => {
        stream.destroy();
        return 'dialled';
      },
      (error: { code: string }) => error.code,
    );
  const outcomes: string[] = [];
  for (let n = 0; n < 10; n++) outcomes.push(await outcomeOf(`${n}.slow.example`));
  expect([outcomes.slice(0, 4), new Set(outcomes.slice(4)), underWay.length]).toEqual([
    new Array(4).fill('egress_unreachable'),
    new Set(['egress_busy']),
    4,
  ]);
  expect(await outcomeOf('127.0.0.1')).toBe('dialled');
  for (const answer of underWay) answer(['127.0.0.1']);
  await new Promise((resolve) => setImmediate(resolve)); // they are through
  const next = outcomeOf('next.slow.example');
  await expect.poll(() => underWay.length).toBe(5);
  underWay[4]?.(['127.0.0.1']);
  expect(await next).toBe('dialled');
});
