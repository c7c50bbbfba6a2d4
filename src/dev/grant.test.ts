import { expect, it } from 'vitest';
import { type Manifest, parseManifest } from '../app/index.ts';
import { type AppChannel, noAppApi, openChannel } from '../egress/index.ts';
import { openCanary, until } from '../egress/testing/index.ts';
import type { DevEvent } from './events.ts';
import { createDevGrant } from './grant.ts';

function listing(...entries: readonly string[]): Manifest {
  const text = `[app]\nname = "written"\n[capabilities]\nhttp_allow_list = ${JSON.stringify(entries)}\n`;
  const { manifest } = parseManifest(text, { file: 'tabbify.toml', hasComponent: true });
  if (manifest === null) throw new Error('the manifest of the test is wrong');
  return manifest;
}

function open() {
  const events: DevEvent[] = [];
  const said: string[] = [];
  const grant = createDevGrant((event) => events.push(event));
  const channel = (): AppChannel =>
    openChannel({
      ...{ policy: grant.open(), platform: noAppApi(), clock: { now: () => 0 } },
      say: (line) => said.push(line),
      resolve: async () => ['127.0.0.1'],
    });
  return { grant, events, said, channel };
}

it('lets an app call what its manifest lists, and names the line of what it does not', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const { grant, said, channel } = open();
  grant.renew(listing('api.example.com', `named.example:${port}`));
  const opened = channel();
  for (const host of ['127.0.0.1', 'named.example'])
    await expect(opened.dial({ host, port })).rejects.toThrow('is not');
  expect(canary.connections).toBe(0);
  const line = `http_allow_list = ["127.0.0.1:${port}"]`; // also for the name: its address is a private one
  expect(said).toEqual([expect.stringContaining(line)]);
  grant.renew(listing(`named.example:${port}`, `127.0.0.1:${port}`));
  (await opened.dial({ host: 'named.example', port })).destroy();
  expect(canary.connections).toBe(1);
});

it('counts at once for what runs, and for what is started later; what is not listed any more is broken off', async () => {
  await using canary = await openCanary();
  const to = { host: '127.0.0.1', port: canary.port };
  const { grant, said, channel } = open();
  const running = channel();
  await expect(running.dial(to)).rejects.toThrow('nothing grants it');
  grant.renew(listing(`127.0.0.1:${canary.port}`));
  const streams = [await running.dial(to), await channel().dial(to)];
  grant.renew(listing());
  await until('both are broken off', () => streams.every(({ destroyed }) => destroyed));
  await expect(running.dial(to)).rejects.toThrow('nothing grants it');
  await expect(channel().dial(to)).rejects.toThrow('nothing grants it');
  expect(said).toContainEqual(expect.stringContaining('was ended; what allowed it was taken back'));
});

it('says what may be called when that changes, and forgets who has ended', () => {
  const { grant, events } = open();
  grant.renew(listing());
  expect(events).toEqual([]);
  for (let save = 0; save < 2; save += 1) grant.renew(listing('api.example.com', 'app:shop'));
  expect(events).toEqual([{ event: 'grant', hosts: ['api.example.com'], apps: ['app:shop'] }]);
  expect([grant.listsApp('shop'), grant.listsApp('ledger')]).toEqual([true, false]);
  const ended = grant.open();
  grant.close(ended);
  grant.renew(listing('other.example'));
  expect(ended.permit({ host: 'other.example', port: 443 })).toBeNull();
});
