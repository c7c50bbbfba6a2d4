import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Endpoint, httpEndpoint, socketEndpoint } from '../../../kit/index.ts';
import type { Credential } from '../../../state/index.ts';
import { type Principal, principalOf } from '../../credentials/principal.ts';
import { recogniseThrough } from '../../edge-credentials.ts';
import { nodeError } from '../../errors.ts';
import type { EdgeApp, EdgeEndpoint, EdgePlace } from '../app-directory.ts';
import { createEdge, type Edge, type EdgeOptions, type EdgeRefusal } from '../edge.ts';
import { createEdgeServer } from '../edge-server.ts';

export const PUBLIC_APP: EdgeApp = {
  id: '0191e7c2-1111-7222-8333-444455556666',
  slug: 'hello',
  office: 'default',
  visibility: 'public',
};
export const PRIVATE_APP: EdgeApp = {
  id: '0191e7c2-0000-7000-8000-000000000001',
  slug: 'diary',
  office: 'default',
  visibility: 'private',
};
/** Has the slug of the private app of the office `default`. */
export const OTHER_PRIVATE_APP: EdgeApp = {
  id: '0191e7c2-0000-7000-8000-000000000002',
  slug: 'diary',
  office: 'bakery',
  visibility: 'private',
};
export const OFFICE_TOKEN = 'Bearer tbf_0123456789';
/** Of a viewer of the office `bakery`. */
export const BAKERY_TOKEN = 'Bearer tbf_bakery6789';
/** Of an agent of the office `bakery`, which visits no private app. */
export const AGENT_TOKEN = 'Bearer tbf_agent06789';
export const RUNNER_KEY = 'runner-key-0123456789';

/** An edge in front of one upstream that the test writes itself. */
export interface EdgeFixture {
  readonly port: number;
  readonly edge: Edge;
  readonly upstream: Server;
  /** Where the upstream answers. */
  readonly endpoint: Endpoint;
  /** Where the apps are; default: one place, awake. */
  places: readonly EdgePlace[];
  /** Apps that were woken, in order; with several places the places. */
  readonly wakes: string[];
  /** Who was not let in. */
  readonly refused: Pick<EdgeRefusal, 'principal' | 'status' | 'code'>[];
  /** Ends a credential, as its revocation or its expiry does. */
  endCredential(authorization: string): void;
  /** What the next wakes answer; default: the upstream. */
  wakeWith: ((place: string) => Promise<EdgeEndpoint>) | null;
  /** Sends bytes as they are and gives back all that came until the connection closed or `until` was seen. */
  raw(text: string, until?: RegExp): Promise<string>;
  open(): Promise<Socket>;
  close(): Promise<void>;
}

/** Starts upstream and edge on random ports; with `socket` the upstream listens at this path instead. */
export async function startEdge(
  app: RequestListener,
  {
    socket,
    ...options
  }: Partial<Pick<EdgeOptions, 'domain' | 'publicUrl' | 'tracing'>> & { socket?: string } = {},
): Promise<EdgeFixture> {
  const upstream = createServer(app);
  const endpoint =
    socket === undefined
      ? httpEndpoint('127.0.0.1', await listen(upstream))
      : await listenAt(upstream, socket);
  const apps = [PUBLIC_APP, PRIVATE_APP, OTHER_PRIVATE_APP];
  const credentials = issueCredentials();
  const refused: EdgeFixture['refused'] = [];
  const wakes: string[] = [];
  let port = 0;
  const edge = createEdge({
    domain: 'localhost',
    ...options,
    port: () => port,
    apps: {
      byId: (id) => apps.find((each) => each.id === id),
      bySlug: (slug, office) => apps.find((each) => each.slug === slug && each.office === office),
    },
    places: {
      of: () => fixture.places,
      nowhere: () => nodeError('app_not_ready', { what: 'The app is nowhere' }),
      wake: async (id, place) => {
        wakes.push(fixture.places.length > 1 ? place : id);
        if (fixture.wakeWith !== null) return fixture.wakeWith(place);
        return { endpoint, runnerKey: RUNNER_KEY, generation: wakes.length };
      },
    },
    recognise: recogniseThrough({ principalOf: credentials.principalOf }),
    onRefused: ({ principal, status, code }) => refused.push({ principal, status, code }),
  });
  const server = createEdgeServer(edge, (_request, response) => response.end('office'));
  port = await listen(server);
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const fixture: EdgeFixture = {
    port,
    edge,
    upstream,
    endpoint,
    wakes,
    places: [{ name: 'here', awake: true }],
    refused,
    endCredential: credentials.end,
    wakeWith: null,
    open,
    async raw(text, until) {
      const socket = await open();
      socket.setEncoding('latin1');
      socket.write(text, 'latin1');
      let received = '';
      try {
        for await (const chunk of socket) {
          received += chunk;
          if (until?.test(received)) break;
        }
      } catch (error) {
        received += `<${(error as NodeJS.ErrnoException).code}>`;
      }
      socket.destroy();
      return received;
    },
    async close() {
      await edge.close();
      for (const each of [server, upstream]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
  return fixture;
}

/** What the log would know; who may open what is decided by the code that decides it in the node. */
function issueCredentials() {
  const issued = new Map<string, { principal: Principal; ending: AbortController }>();
  const issue = (authorization: string, given: Pick<Credential, 'kind' | 'name' | 'office' | 'role'>) => {
    const ending = new AbortController();
    const principal = principalOf(
      {
        id: `credential of ${given.name}`,
        scopes: ['read'],
        expiresAt: null,
        issuedAt: '',
        trustedSince: 0,
        issuedBy: '',
        ...given,
      },
      ending.signal,
    );
    issued.set(authorization, { principal, ending });
  };
  issue(OFFICE_TOKEN, { kind: 'person', name: 'owner', office: 'default', role: 'owner' });
  issue(BAKERY_TOKEN, { kind: 'person', name: 'viewer', office: 'bakery', role: 'viewer' });
  issue(AGENT_TOKEN, { kind: 'agent', name: 'agent', office: 'bakery', role: null });
  return {
    principalOf: (authorization: string) => issued.get(authorization)?.principal ?? null,
    end(authorization: string) {
      issued.get(authorization)?.ending.abort();
      issued.delete(authorization);
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function listenAt(server: Server, path: string): Promise<Endpoint> {
  server.listen(path);
  await once(server, 'listening');
  return socketEndpoint(path);
}
