import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventDraft } from '../../log/index.ts';
import type { Assignment, Presence } from '../protocol.ts';

/** As much of a node as a supervisor sees (protocol.ts), over real HTTP. */
export interface FakeNode {
  readonly url: string;
  readonly ownerKey: string;
  /** Observations, in the order they came. */
  readonly events: EventDraft[];
  presence(): Presence | null;
  joins(): number;
  /** Sets what should be and tells those who watch. */
  assign(...assignments: Assignment[]): void;
  /** While away every connection is broken off. */
  setAway(away: boolean): void;
  /** Forgets every credential it gave out. */
  revoke(): void;
  close(): Promise<void>;
}

export async function startFakeNode(): Promise<FakeNode> {
  const ownerKey = 'owner-key';
  const events: EventDraft[] = [];
  const watchers = new Set<ServerResponse>();
  const known = new Set<string>();
  let presence: Presence | null = null;
  let credentials = new Set<string>();
  let assignments: Assignment[] = [];
  let position = 0;
  let assignedAt = 0;
  let joins = 0;
  let away = false;

  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  const tell = (watcher: ServerResponse): void => {
    watcher.write(
      `id: ${assignedAt}\ndata: ${JSON.stringify({ actor: 'system', position: assignedAt })}\n\n`,
    );
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const url = new URL(request.url ?? '/', 'http://node');
    const route = `${request.method} ${url.pathname}`;
    const body = JSON.parse((await readAll(request)) || 'null') as never;
    if (route === 'POST /v1/supervisors') {
      if (bearer !== ownerKey) return json(response, 401, {});
      const credential = `credential-${++joins}`;
      credentials.add(credential);
      return json(response, 201, { name: (body as { name: string }).name, credential });
    }
    if (!credentials.has(bearer)) return json(response, 401, {});
    if (route.startsWith('PUT /v1/supervisors/')) {
      presence = body as Presence;
      return void response.writeHead(204).end();
    }
    if (route.endsWith('/desired')) return json(response, 200, { position, assignments });
    if (route === 'GET /v1/events/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      if (Number(url.searchParams.get('after')) < assignedAt) tell(response);
      watchers.add(response);
      response.once('close', () => watchers.delete(response));
      return;
    }
    if (route === 'POST /v1/events') {
      const { event } = body as { event: EventDraft };
      if (!known.has(event.id)) events.push(event);
      known.add(event.id);
      return json(response, 201, { position: ++position });
    }
    json(response, 404, {});
  }

  const server = createServer((request, response) => {
    if (away) return void request.socket.destroy();
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ownerKey,
    events,
    presence: () => presence,
    joins: () => joins,
    assign(...next) {
      assignments = next;
      assignedAt = ++position;
      watchers.forEach(tell);
    },
    setAway(next) {
      away = next;
      if (away) server.closeAllConnections();
    },
    revoke() {
      credentials = new Set();
      server.closeAllConnections();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
