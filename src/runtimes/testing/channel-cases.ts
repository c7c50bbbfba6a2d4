import { expect } from 'vitest';
import {
  type AllowedHost,
  type AppChannel,
  allowedHosts,
  type Destination,
  noAppApi,
  openChannel,
} from '../../egress/index.ts';
import { type Canary, openCanary } from '../../egress/testing/index.ts';
import { systemClock } from '../../kit/index.ts';
import { get, type RuntimeCase, soon } from './runtime-case.ts';
import type { RuntimeFixture } from './runtime-fixture.ts';
import { type ServedApp, serveApp } from './served-app.ts';

/** An app with a channel of its own, and what that was asked for. */
interface Channelled {
  readonly served: ServedApp;
  readonly asked: readonly Destination[];
}

async function withChannel(
  { runtime, artifactDir }: RuntimeFixture,
  hosts: readonly AllowedHost[],
  run: (app: Channelled) => Promise<void>,
): Promise<void> {
  const asked: Destination[] = [];
  const inner = openChannel({
    policy: allowedHosts(hosts),
    platform: noAppApi(),
    say: () => {},
    clock: systemClock,
  });
  const channel: AppChannel = {
    dial(to, signal) {
      asked.push(to);
      return inner.dial(to, signal);
    },
  };
  const served = await soon('the start', serveApp(runtime, { artifactDir, channel }));
  try {
    await run({ served, asked });
  } finally {
    served.closeServer();
    await soon('the purge', served.app.purge());
  }
}

/** Answers everything with the same status and body. */
const teapot = (): Promise<Canary> =>
  openCanary((socket) => {
    socket.once('data', () =>
      socket.end(
        "HTTP/1.1 418 I'm a teapot\r\ncontent-length: 15\r\nconnection: close\r\n\r\nshort and stout",
      ),
    );
  });

const at = ({ port }: Canary): Destination => ({ host: '127.0.0.1', port });
const out = ({ port }: Canary, path = '/pot') => `/out?to=http://127.0.0.1:${port}${path}`;

/** What every runtime does with the one way out that it gives an app. */
export const channelCases: readonly RuntimeCase[] = [
  {
    behaviour:
      'lets nothing leave that the channel denies: it is asked for that very place, and the app serves on',
    async check(fixture) {
      await using canary = await teapot();
      await using other = await teapot();
      await withChannel(fixture, [at(other)], async ({ served, asked }) => {
        expect((await get(served, out(canary))).status).toBe(502);
        expect(new Set(asked.map(({ host, port }) => `${host}:${port}`))).toEqual(
          new Set([`127.0.0.1:${canary.port}`]),
        );
        expect([canary.connections, other.connections]).toEqual([0, 0]);
        expect((await get(served, '/')).status).toBe(200);
      });
    },
  },

  {
    behaviour: 'carries what the channel allows: status and body of the answer arrive',
    async check(fixture) {
      await using canary = await teapot();
      await withChannel(fixture, [at(canary)], async ({ served, asked }) => {
        const answer = await get(served, out(canary));
        expect([answer.status, await answer.text()]).toEqual([418, 'short and stout']);
        expect(asked).toEqual([at(canary)]);
        expect(canary.heard).toMatch(/^GET \/pot HTTP\/1\.1\r\n/);
        expect(canary.heard.toLowerCase()).toContain(`\r\nhost: 127.0.0.1:${canary.port}\r\n`);
      });
    },
  },

  {
    behaviour: 'gives two instances of an app two ways out',
    async check(fixture) {
      await using ofFirst = await teapot();
      await using ofSecond = await teapot();
      await withChannel(fixture, [at(ofFirst)], (first) =>
        withChannel(fixture, [at(ofSecond)], async (second) => {
          const statuses = await Promise.all([
            get(first.served, out(ofFirst)),
            get(first.served, out(ofSecond)),
            get(second.served, out(ofFirst)),
            get(second.served, out(ofSecond)),
          ]);
          expect(statuses.map(({ status }) => status)).toEqual([418, 502, 502, 418]);
          for (const { asked } of [first, second])
            expect(asked.map(({ port }) => port).sort()).toEqual([ofFirst.port, ofSecond.port].sort());
        }),
      );
    },
  },
];
