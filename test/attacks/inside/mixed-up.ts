import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AttackedRunner } from './runner.ts';

/** A front that gives each visitor what was meant for the one before: the harness must see it. */
export async function openMixedUp(): Promise<AttackedRunner> {
  let last = '/nobody';
  const server = createServer((request, response) => {
    response.end(`mine ${last}`);
    last = request.url ?? '';
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const well = {
    reply: 'health',
    state: 'serving',
    ok: true,
    reason: null,
    stats: {},
    endpoint: null,
  } as const;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers: {},
    isAlive: () => true,
    health: async () => well,
    log: async () => '',
    visit: async () => 0,
    attack: async () => null,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
