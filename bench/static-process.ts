import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openFolderStore, publishVersion, versionPrefix } from '../src/artifacts/index.ts';
import { silentLogger } from '../src/kit/index.ts';
import { createEdge, createEdgeServer, createStaticFiles, type EdgeCredential } from '../src/node/index.ts';

/**
 * The edge alone, as the node runs it, before the static files of one version: `node static-process.ts <folder> <home>`.
 * Prints its own port. The app is private, so that every request shows a credential that is checked.
 */
const [folder = '', home = ''] = process.argv.slice(2);
const place = { office: 'default', app: '0191e7c2-1111-7222-8333-444455556666' };
const store = await openFolderStore(join(home, 'store'));
const { version, digest } = await publishVersion(store, { ...place, dir: folder });
const app = {
  ...{ id: place.app, slug: 'bench', office: place.office, visibility: 'private' as const },
  files: {
    ...{ prefix: versionPrefix({ ...place, version }), digest, folder: 'public', alone: true },
    publishedAt: '2026-11-21T12:00:00Z',
  },
};
const OPENS: EdgeCredential = {
  principal: null,
  ended: new AbortController().signal,
  standing: () => 'opens',
};
const nowhere = () => new Error('nothing runs here');

const edge = createEdge({
  domain: 'localhost',
  port: () => (server.address() as AddressInfo).port,
  apps: {
    byId: (id) => (id === app.id ? app : undefined),
    bySlug: (slug) => (slug === app.slug ? app : undefined),
  },
  places: { of: () => [], nowhere, wake: () => Promise.reject(nowhere()) },
  staticFiles: createStaticFiles({ store, home, logger: silentLogger() }),
  recognise: (authorization) => (authorization === 'Bearer bench' ? OPENS : null),
});
const server = createEdgeServer(edge, (_request, response) => {
  response.writeHead(404).end();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
