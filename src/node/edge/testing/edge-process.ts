import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { httpEndpoint } from '../../../kit/index.ts';
import { createEdge } from '../edge.ts';
import { createEdgeServer } from '../edge-server.ts';

/** An edge in a process of its own, so that its memory can be looked at: `node edge-process.ts <upstream port>`. */
const app = {
  id: '0191e7c2-1111-7222-8333-444455556666',
  slug: 'hello',
  office: 'default',
  visibility: 'public',
} as const;
const edge = createEdge({
  domain: 'localhost',
  port: () => (server.address() as AddressInfo).port,
  apps: { byId: () => app, bySlug: () => app },
  places: {
    of: () => [{ name: 'here', awake: true }],
    nowhere: () => new Error('nowhere'),
    wake: async () => ({
      endpoint: httpEndpoint('127.0.0.1', Number(process.argv[2])),
      runnerKey: '',
      generation: 1,
    }),
  },
  recognise: () => null,
});
const server = createEdgeServer(edge, (_request, response) => response.end());
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
