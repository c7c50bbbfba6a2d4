import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { TINY, tinyApp } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const offer = (n: number) =>
  node.call('/v1/events', {
    method: 'POST',
    json: { event: { type: 'Counted', segment: 'tenant_default.numbers', data: { n } } },
  });

/** Positions as they come; ends with the stream. */
async function* positions(query: string, headers: Record<string, string> = {}, signal?: AbortSignal) {
  const response = await fetch(`${node.url}/v1/events/stream?${query}`, {
    headers: { authorization: `Bearer ${node.token}`, ...headers },
    ...(signal && { signal }),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const id = /^id: (\d+)$/m.exec(frame)?.[1];
      if (id !== undefined) yield Number(id);
    }
  }
}

test('a stream tells what was and what comes, and resumes behind the last event it was told', async () => {
  const first = (await offer(1)).json.position;
  const stream = positions('segment=tenant_default.numbers');
  expect((await stream.next()).value).toBe(first);
  const second = (await offer(2)).json.position;
  expect((await stream.next()).value).toBe(second);
  await stream.return(undefined);
  const third = (await offer(3)).json.position;
  const resumed = positions('segment=tenant_default.numbers&after=0', { 'last-event-id': String(second) });
  expect((await resumed.next()).value).toBe(third);
  await resumed.return(undefined);
});

test('who hears of an event finds it in the state, however far the fold is behind', async () => {
  await node.close();
  node = await startTestNode({
    between: (log) => ({
      ...log,
      watch: (query, signal, arrived) =>
        log.watch(query, signal, async () => {
          if (query.segments === undefined) await delay(30); // the node's own fold
          arrived();
        }),
    }),
  });
  const supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  try {
    await node.push(TINY, await tinyApp());
    const { json } = await node.call('/v1/supervisors/local/desired', { token: supervisor.credential });
    const stream = positions(`segment=platform.hosts.local&after=${json.position}`);
    const told = stream.next();
    await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} });
    await told;
    const after = await node.call('/v1/supervisors/local/desired', { token: supervisor.credential });
    expect(after.json.assignments).toMatchObject([{ app: TINY, generation: 1 }]);
    await stream.return(undefined);
  } finally {
    await supervisor.close();
  }
});

test('a node that closes ends streams and WebSockets instead of waiting for them', async () => {
  const supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  const sockets = new WebSocketServer({ server: supervisor.runner });
  try {
    await node.push(TINY, await tinyApp());
    await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} });
    await supervisor.assigned(TINY);
    await supervisor.say('app_started', { app: TINY, version: 1, generation: 1, pid: 1, adopted: false });
    await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'running' });
    const socket = new WebSocket(`${node.url.replace('http', 'ws')}/app/${TINY}/`);
    await once(socket, 'open');
    const stream = positions('after=0');
    await stream.next();
    const ended = (async () => {
      for await (const _ of stream);
    })().catch(() => {});
    await Promise.all([node.restart(), once(socket, 'close'), ended]);
  } finally {
    sockets.close();
    await supervisor.close();
  }
});
