import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { noOtherApps } from './no-other-apps.ts';

function open() {
  const dialled: string[] = [];
  const said: string[] = [];
  const channel = noOtherApps(
    {
      async dial({ host, port }) {
        dialled.push(`${host}:${port}`);
        return new Duplex();
      },
    },
    {
      isListed: (name) => name === 'shop',
      ...{ why: 'nobody else is here', hint: 'Look elsewhere' },
      say: (line) => said.push(line),
    },
  );
  return { dialled, said, channel };
}

it.each(['shop.tabbify.internal', 'SHOP.tabbify.internal.'])(
  'tells who calls %s that there is no such app',
  async (host) => {
    const { dialled, said, channel } = open();
    await expect(channel.dial({ host, port: 80 })).rejects.toMatchObject({
      code: 'egress_unreachable',
      what: 'app:shop was not reached',
      why: 'nobody else is here',
      hint: 'Look elsewhere',
    });
    expect(dialled).toEqual([]);
    expect(said).toEqual(['a call to "app:shop" denied; nobody else is here']);
  },
);

it('leaves all else to the channel: the platform, hosts, apps that are not listed', async () => {
  const { dialled, said, channel } = open();
  const hosts = ['tabbify.internal', 'api.example.com', 'ledger.tabbify.internal', 'shop.example', '', 'x\0'];
  for (const host of hosts) await channel.dial({ host, port: 80 });
  expect(dialled).toEqual(hosts.map((host) => `${host}:80`));
  expect(said).toEqual([]);
});
