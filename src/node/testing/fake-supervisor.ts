import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { httpEndpoint } from '../../kit/index.ts';
import type { Assignment, Presence } from '../../supervisor/index.ts';
import type { Answer, RunningNode } from './running-node.ts';

/** A supervisor that does what the test says: the node's side of the protocol is real. */
export interface FakeSupervisor {
  readonly name: string;
  readonly credential: string;
  /** Serves every app of this host. */
  readonly runner: Server;
  /** Apps that were woken, in order. */
  readonly wakes: string[];
  /** Announces itself (again), e.g. after the node was restarted. */
  announce(): Promise<Answer>;
  /** Waits until the app is assigned in at least this generation. */
  assigned(app: string, generation?: number): Promise<Assignment>;
  say(type: string, data: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Those who follow the log of an app of this host. */
  readonly followers: Set<ServerResponse>;
  /** Refuses wakes with 503. */
  refuseWakes: boolean;
  /** What it says of the data that every app has on this host. */
  stored: object;
  close(): Promise<void>;
}

/** What it announces of itself. */
type SaidOfItself = { readonly name: string } & Pick<Presence, 'tags' | 'runtimes' | 'refused'>;

const CONTROL_KEY = 'control-key-of-the-fake-supervisor-0123';

/** @param app answers for every app of this host */
export async function joinFakeSupervisor(
  node: RunningNode,
  app: RequestListener,
  { name = 'local', tags = ['wasm-http'], ...says }: Partial<SaidOfItself> = {},
): Promise<FakeSupervisor> {
  const runner = createServer(app);
  const runnerPort = await listen(runner);
  const wakes: string[] = [];
  const followers = new Set<ServerResponse>();
  let generation = 0;
  const api = createServer((request, response) => {
    const [, , , id = '', verb = ''] = (request.url ?? '').split(/[/?]/);
    if (request.headers.authorization !== `Bearer ${CONTROL_KEY}`) {
      response.writeHead(401).end('{}');
    } else if (verb === 'wake' && supervisor.refuseWakes) {
      response.writeHead(503, { 'retry-after': '9' });
      response.end(JSON.stringify({ detail: 'start: the module does not load', hint: 'mend it' }));
    } else if (verb === 'wake') {
      wakes.push(id);
      const endpoint = {
        endpoint: httpEndpoint('127.0.0.1', runnerPort),
        runner_key: 'runner-key',
        generation,
        version: 1,
      };
      response.end(JSON.stringify(endpoint));
    } else if (verb === 'logs' && /[?&]follow=1/.test(request.url ?? '')) {
      followers.add(response);
      response.on('close', () => followers.delete(response));
      response.write('first words\n');
    } else if (verb === 'data') {
      response.end(JSON.stringify(supervisor.stored));
    } else if (verb === 'logs') {
      response.end(`${request.url}\nlast words\n`);
    } else {
      response.writeHead(404).end('{}');
    }
  });
  const url = `http://127.0.0.1:${await listen(api)}`;
  const joined = await node.call('/v1/supervisors', { method: 'POST', json: { name } });
  expect(joined.status).toBe(201);
  const { credential } = joined.json;
  const supervisor: FakeSupervisor = {
    name,
    credential,
    runner,
    wakes,
    followers,
    refuseWakes: false,
    stored: { environments: [] },
    announce: () =>
      node.call(`/v1/supervisors/${name}`, {
        method: 'PUT',
        token: credential,
        json: { url, tags, ...says, control_key: CONTROL_KEY },
      }),
    async assigned(id, atLeast = 1) {
      let found: Assignment | undefined = undefined as Assignment | undefined;
      await expect
        .poll(
          async () => {
            const { json } = await node.call(`/v1/supervisors/${name}/desired`, { token: credential });
            found = json.assignments.find((each: Assignment) => each.app === id);
            return found?.generation ?? 0;
          },
          { timeout: 20_000, interval: 20 },
        )
        .toBeGreaterThanOrEqual(atLeast);
      const assignment = found as Assignment;
      generation = assignment.generation;
      return assignment;
    },
    say: (type, data) =>
      node.call('/v1/events', {
        method: 'POST',
        token: credential,
        json: { event: { id: randomUUID(), type, data } },
      }),
    async close() {
      await Promise.all([close(runner), close(api)]);
    },
  };
  expect((await supervisor.announce()).status).toBe(204);
  return supervisor;
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
