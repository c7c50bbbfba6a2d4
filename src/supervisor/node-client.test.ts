import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CredentialFile } from './credential-file.ts';
import { createNodeClient, type NodeClient } from './node-client.ts';

/** A node that lets in whoever has the newest credential, unless another host has the name. */
let joins: unknown[];
let newest: string;
let taken: boolean;
let server: ReturnType<typeof createServer>;
let kept: string | null;
let client: NodeClient;
const never = new AbortController().signal;

beforeEach(async () => {
  [joins, newest, taken, kept] = [[], '', false, null];
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const credentials: CredentialFile = {
    load: async () => kept,
    async save(credential) {
      kept = credential;
    },
  };
  const nodeUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createNodeClient({ name: 'local', nodeUrl, ownerKey: 'owner', credentials });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const reply = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.method === 'POST') {
    joins.push(JSON.parse(text));
    if (taken) return void reply(409, { code: 'supervisor_known' });
    newest = `credential-${joins.length}`;
    return void reply(201, { name: 'local', credential: newest });
  }
  const known = request.headers.authorization === `Bearer ${newest}`;
  reply(known ? 200 : 401, { position: 1, assignments: [] });
}

test('calls at once join once: a second join would end the credential of the first', async () => {
  await Promise.all(Array.from({ length: 5 }, () => client.desired(never)));
  expect(joins).toEqual([{ name: 'local', replace: 'if_away' }]);
  expect(kept).toBe('credential-1');
});

test('a kept credential is used, and one that has ended is replaced once for all who noticed', async () => {
  [kept, newest] = ['credential-of-before', 'credential-of-before'];
  await client.desired(never);
  expect(joins).toEqual([]);
  newest = 'ended';
  await Promise.all(Array.from({ length: 5 }, () => client.desired(never)));
  expect(joins).toHaveLength(1);
  expect(kept).toBe('credential-1');
});

test('where another host has the name it says so, keeps nothing, and comes in when that one is gone', async () => {
  taken = true;
  await expect(client.desired(never)).rejects.toMatchObject({
    code: 'node_refused',
    why: expect.stringContaining('a supervisor of this name is there already'),
    hint: expect.stringContaining('TABBIFY_SUPERVISOR_NAME'),
  });
  expect(kept).toBeNull();
  taken = false;
  await client.desired(never);
  expect(kept).toBe('credential-2');
});
