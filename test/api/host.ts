import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const CONTROL_KEY = 'control-key-of-a-host-of-the-walk-0123456789';

/** What a host sees of the log: its own segment, which begins with this. */
export const HOST_ASKER = { lastEvent: 'supervisor_joined' } as const;

/** A host that takes up whatever it is given: the node's side of the protocol is real. */
export interface Host {
  readonly name: string;
  readonly token: string;
  /** What the host says of itself at each start; other tags than before are news. */
  presence(tags?: readonly string[]): { url: string; tags: readonly string[]; control_key: string };
  /** Where every app of this host answers, whatever is asked for. */
  readonly served: string[];
  close(): Promise<void>;
}

export const TAGS = ['wasm-http'] as const;

/** @param join asks the node for the host's credential */
export async function startHost(name: string, join: (name: string) => Promise<string>): Promise<Host> {
  const served: string[] = [];
  const runner = createServer((request, response) => {
    served.push(`${request.headers.host}${request.url}`);
    response.end('the app');
  });
  const port = await listen(runner);
  const api = createServer((request, response) => {
    const [, , , , verb = ''] = (request.url ?? '').split(/[/?]/);
    if (request.headers.authorization !== `Bearer ${CONTROL_KEY}`) response.writeHead(401).end('{}');
    else if (verb === 'wake') {
      response.end(JSON.stringify({ host: '127.0.0.1', port, runner_key: 'k', generation: 1, version: 1 }));
    } else if (verb === 'metrics') response.end('{}');
    else if (verb === 'data') response.end('{}');
    else if (verb === 'logs') response.end(`output of ${request.url}\n`);
    else response.writeHead(404).end('{}');
  });
  const url = `http://127.0.0.1:${await listen(api)}`;
  return {
    name,
    token: await join(name),
    presence: (tags = TAGS) => ({ url, tags, control_key: CONTROL_KEY }),
    served,
    async close() {
      await Promise.all([runner, api].map(close));
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
