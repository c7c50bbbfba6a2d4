import { afterEach, expect, test } from 'vitest';
import { connectNode } from '../client/node-client.ts';
import { eventStream, json, problem, type Route, type StubNode, stubNode } from '../testing/stub-node.ts';
import { type Following, followEvents } from './follow-events.ts';

const event = (position: number) => ({
  ...{ id: String(position), specversion: '1.0', type: 'app_started', data: {}, subject: 'app/x' },
  ...{ segment: 'tenant_default.apps', position, time: '2026-11-21T12:00:00.000Z', actor: 'user:owner' },
});
const quick = { firstWaitMs: 5, awayMs: 2_000 };
let node: StubNode;
afterEach(() => node[Symbol.asyncDispose]());

/** Follows a node whose stream answers in turns, until the events are told. */
async function told(turns: readonly Route[], until: number) {
  const cursors: (string | null)[] = [];
  let turn = 0;
  node = await stubNode({
    'GET /v1/events/stream': (request, response, url) => {
      cursors.push(url.searchParams.get('after'));
      return (turns[turn++] ?? turns.at(-1))?.(request, response, url);
    },
  });
  const stop = new AbortController();
  const positions: number[] = [];
  const notes: string[] = [];
  const following: Following = {
    connect: async () => (await connectNode({ env: node.env, home: '/nowhere' })).events,
    say(said) {
      positions.push(said.position);
      if (said.position >= until) stop.abort();
    },
    note: (text) => void notes.push(text),
    signal: stop.signal,
  };
  await followEvents(following, { after: 0 }, quick);
  return { positions, notes, cursors };
}

test('an office that restarts is followed again behind the last event, and the break is told', async () => {
  const { positions, notes, cursors } = await told(
    [
      (_request, response) => eventStream(response, [event(1), event(2)]),
      (_request, response) => problem(response, 503, 'Stopping', 'the office is stopping'),
      (_request, response) => problem(response, 503, 'Starting', 'the office is starting'),
      (request) => void request.socket.destroy(),
      (_request, response) => eventStream(response, [event(3)]),
    ],
    3,
  );
  expect(positions).toEqual([1, 2, 3]);
  expect(cursors).toEqual(['0', '2', '2', '2', '2']);
  expect(notes).toEqual(['The office is away; waiting for it to come back …', 'The office is back.']);
});

test('a reader that is cut off goes on with its cursor, and gaps are told', async () => {
  const cut: Route = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const frame = (name: string, data: unknown) =>
      response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    frame('app_started', event(4));
    frame('$gap', { kind: 'erased', count: 3, through: 7 });
    frame('$gap', { kind: 'damaged', positions: [8, 9] });
    frame('$later', { made: 'up' });
    frame('app_started', event(10));
    frame('$cut', { after: 10, why: 'it took nothing for 30 s' });
    response.end();
  };
  const { positions, notes, cursors } = await told(
    [cut, (_request, response) => eventStream(response, [event(11)])],
    11,
  );
  expect(positions).toEqual([4, 10, 11]);
  expect(cursors).toEqual(['0', '10']);
  expect(notes).toEqual([
    '3 events were passed over, up to 7: what they said was erased.',
    'Events 8, 9 passed over: damaged on disk; see `tabbify doctor`.',
    'The office cut this reader off (it took nothing for 30 s); going on behind event 10.',
  ]);
});

test('a refusal ends it, and so does an office that stays away', async () => {
  const refused = told([(_request, response) => problem(response, 403, 'Not allowed', 'no')], 1);
  await expect(refused).rejects.toMatchObject({ status: 403 });
  await node[Symbol.asyncDispose]();
  node = await stubNode({ 'GET /x': (_request, response) => json(response, 200, {}) });
  const client = await connectNode({ env: node.env, home: '/nowhere' });
  await node[Symbol.asyncDispose]();
  const away = followEvents(
    { connect: async () => client.events, say() {}, note() {} },
    { after: 7 },
    { firstWaitMs: 5, awayMs: 100 },
  );
  await expect(away).rejects.toMatchObject({
    code: 'office_not_running',
    hint: expect.stringContaining('told is 7'),
  });
});
