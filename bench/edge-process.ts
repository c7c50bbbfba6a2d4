import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { httpEndpoint } from '../src/kit/index.ts';
import { createEdge, createEdgeServer, type EdgeCredential } from '../src/node/index.ts';

/**
 * The edge alone, as the node runs it, before one fixed upstream: `node edge-process.ts <upstream port>`.
 * Prints its own port. The app is private, so that every request shows a credential that is checked.
 */
const APP = '0191e7c2-1111-7222-8333-444455556666';
const upstreamPort = Number(process.argv[2]);
const app = { id: APP, slug: 'bench', office: 'default', visibility: 'private' } as const;
const OPENS: EdgeCredential = {
  principal: null,
  ended: new AbortController().signal,
  standing: () => 'opens',
};

const edge = createEdge({
  domain: 'localhost',
  port: () => (server.address() as AddressInfo).port,
  apps: {
    byId: (id) => (id === APP ? app : undefined),
    bySlug: (slug) => (slug === app.slug ? app : undefined),
  },
  places: {
    of: () => [{ name: 'here', awake: true }],
    nowhere: () => new Error('nowhere'),
    wake: async () => ({
      endpoint: httpEndpoint('127.0.0.1', upstreamPort),
      runnerKey: 'k'.repeat(43),
      generation: 1,
    }),
  },
  recognise: (authorization) => (authorization === 'Bearer bench' ? OPENS : null),
});
const server = createEdgeServer(edge, (_request, response) => {
  response.writeHead(404).end();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
