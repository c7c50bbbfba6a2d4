import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import type { Drama, Scene } from '../scene.ts';
import { HOSTS, SMUGGLED_REQUESTS } from './smuggled.ts';

/** Milliseconds that an answer is waited for, and that the connection is then still looked at. */
const PATIENCE_MS = 3_000;
const QUIET_MS = 150;

const PORTS = { attacked: 0, canary: 1 };

/** Requests through the edge, the runner and the app: what is inside one of them stays inside. */
export const edgeDramas: readonly Drama[] = [
  {
    name: `is sent ${Object.keys(SMUGGLED_REQUESTS).length} requests with others inside, through the edge`,
    play: smuggleThroughEdge,
  },
];

export const SMUGGLED_THROUGH = 'is reached by a request that was inside another';

async function smuggleThroughEdge({ runners, whileVisited }: Scene): Promise<string[]> {
  await using attacked = await runners.start('canary.mjs');
  await using canary = await runners.start('canary.mjs');
  const { createEdge, createEdgeServer } = await import('../../../src/node/index.ts');
  const { parseEndpoint } = await import('../../../src/kit/index.ts');
  const behind = { attacked, canary };
  const apps = (['attacked', 'canary'] as const).map((slug) => ({
    id: `0191e7c2-0000-7000-8000-00000000000${PORTS[slug]}`,
    ...{ slug, office: 'default', visibility: 'public' as const },
  }));
  const edge = createEdge({
    domain: 'localhost',
    port: () => port,
    apps: {
      byId: (id) => apps.find((app) => app.id === id),
      bySlug: (slug) => apps.find((app) => app.slug === slug),
    },
    places: {
      of: () => [{ name: 'here', awake: true }],
      nowhere: () => new Error('nowhere'),
      wake: async (id) => {
        const app = behind[apps.find((one) => one.id === id)?.slug ?? 'attacked'];
        const runnerKey = Object.values(app.headers)[0] ?? '';
        return { endpoint: parseEndpoint(app.url), runnerKey, generation: 1 };
      },
    },
    recognise: () => null,
  });
  const server = createEdgeServer(edge, (_request, response) => response.end('office'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    let problems: string[] = [];
    const slow = await whileVisited(async () => {
      problems = await smuggle(port);
    });
    for (const [name, app] of Object.entries(behind))
      if (!app.isAlive()) problems.push(`the runner of ${name} has ended`);
    return [...problems, ...slow];
  } finally {
    server.closeAllConnections();
    server.close();
    await edge.close();
  }
}

/** The same through a proxy that reads a request otherwise than the app behind it. @returns what is seen of it */
export async function throughNaive(): Promise<string[]> {
  const seen: object[] = [];
  const app = createServer({ insecureHTTPParser: true }, (request, response) => {
    if (request.url === '/seen') return response.end(JSON.stringify(seen));
    seen.push({ method: request.method, url: request.url, rawHeaders: request.rawHeaders, body: '' });
    return response.end(`mine ${request.url}`);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo;
  const proxy = createTcpServer((socket) => {
    const upstream = connect(port, '127.0.0.1'); // every byte goes on as it is, whatever it means
    socket.on('error', () => {}).pipe(upstream);
    upstream.on('error', () => {}).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    return await smuggle((proxy.address() as AddressInfo).port);
  } finally {
    app.closeAllConnections();
    for (const server of [app, proxy]) server.close();
  }
}

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
}

/** Sends all of them to that port, and visits both apps meanwhile. @returns what was reached that was not sent there, and who else felt it */
async function smuggle(port: number): Promise<string[]> {
  const problems: string[] = [];
  const visitors = Array.from({ length: 20 }, async (_, count) => {
    const path = `/mine-${count}`;
    const body = await get(port, count % 2 === 0 ? HOSTS.attacked : HOSTS.canary, path);
    if (body !== `mine ${path}`) problems.push(`a visitor of ${path} got ${body.slice(0, 100)}`);
  });
  await Promise.all([...visitors, ...Object.values(SMUGGLED_REQUESTS).map((text) => send(port, text))]);
  for (const host of Object.values(HOSTS)) {
    const said = await get(port, host, '/seen');
    if (!said.startsWith('[')) {
      problems.push(`${host} does not answer any more: ${said.slice(0, 100)}`);
      continue;
    }
    for (const { method, url, rawHeaders } of JSON.parse(said) as SeenRequest[]) {
      const text = `${method} ${url} ${rawHeaders.join(' ')}`;
      const isMine = url === '/outer' ? host === HOSTS.attacked : url.startsWith('/mine-');
      if (!isMine || /smuggled/i.test(text)) problems.push(`${host} was reached by ${text.slice(0, 200)}`);
    }
  }
  return problems;
}

function get(port: number, host: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const call = httpRequest({ port, host: '127.0.0.1', path, headers: { host }, agent: false });
    call.setTimeout(PATIENCE_MS * 3, () => call.destroy(new Error('no answer')));
    call.on('error', (error) => resolve(`broken: ${error.message}`));
    call.on('response', (answer) => {
      let text = '';
      answer.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve(text)).on('error', (error) => resolve(`broken: ${error.message}`));
    });
    call.end();
  });
}

/** Until it is closed, or has been answered and is then quiet. */
function send(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', () => socket.setTimeout(QUIET_MS)).on('error', () => {});
    socket.on('close', () => resolve());
  });
}
