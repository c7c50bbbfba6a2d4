import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { newId } from '../kit/index.ts';
import { domainEvent } from '../state/index.ts';
import { TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

const PUBLIC = 'visibility:public';

let node: RunningNode;
let host: FakeSupervisor;
/** What the app goes on to say, in streams that are open. */
let say: (text: string) => void = () => {};
beforeEach(async () => {
  node = await startTestNode({ asksPersons: true });
  host = await joinFakeSupervisor(node, (request, response) => {
    response.write('begun ');
    if (request.url !== '/stream') response.end();
    else say = (text) => response.write(text);
  });
  const sockets = new WebSocketServer({ server: host.runner });
  sockets.on('connection', (socket) => socket.send('open'));
  await placeApp(node.log, { visibility: 'public' });
  await grant();
});
afterEach(async () => {
  await host.close();
  await node.close();
});

async function grant(): Promise<void> {
  const id = newId();
  const context = { actor: 'user:owner', source: '/node' };
  const asked = {
    ...{ approval_id: id, kind: 'capability' as const, app: TINY, deployment_id: null, version: 1 },
    ...{ digest: null, command: null, added: [PUBLIC], widened: [], removed: [], difference: 'd'.repeat(64) },
    ...{ reasons: [], doubts: [], persons: 1, requested_by: 'user:owner', policy: null },
    expires_at: '2999-01-01T00:00:00Z',
  };
  await node.log.append(domainEvent('approval_requested', asked, context));
  const yes = { approval_id: id, difference: asked.difference, once: false, complete: true };
  await node.log.append(domainEvent('approval_granted', yes, context));
  await expect.poll(visit).toBe(200);
}

const visit = async () => (await node.call(`/app/${TINY}/`, { token: null })).status;
const revoke = async () => {
  const path = `/v1/apps/${TINY}/grants/${encodeURIComponent(PUBLIC)}`;
  expect((await node.call(path, { method: 'DELETE' })).status).toBe(204);
};

test('what strangers have opened at a public app ends when it is public no more, and what they open later does not', async () => {
  const { port } = new URL(node.url);
  const dial = () =>
    new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: `tiny.localhost:${port}` } });
  for (let round = 0; round < 2; round++) {
    const socket = dial();
    await once(socket, 'message');
    const stream = await fetch(`${node.url}/app/${TINY}/stream`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('begun ');
    await placeApp(node.log, { app: '0191e7c2-0000-7000-8000-00000000000e', slug: `other-${round}` }); // nobody's business
    say('more');
    expect((await reader?.read())?.value).toBe('more');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await revoke();
    await expect(reader?.read()).rejects.toThrow();
    await expect.poll(() => socket.readyState).toBe(WebSocket.CLOSED);
    expect(await visit()).toBe(401);
    await grant();
  }
});
