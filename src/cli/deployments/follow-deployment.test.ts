import { expect, test } from 'vitest';
import { connectNode } from '../client/node-client.ts';
import { deploymentRow, eventStream, json, problem, type Route, stubNode } from '../testing/stub-node.ts';
import type { DeploymentView } from './deployment-view.ts';
import { followDeployment } from './follow-deployment.ts';

const STEPS = ['requested', 'building', 'placing', 'starting', 'switched'].map((phase) => ({ phase }));
const BOUNDS = { quietMs: 0, awayMs: 60_000, hostsMs: 5, lookMs: 20, firstWaitMs: 1, longestWaitMs: 5 };

/** Follows at a node with these routes; keeps what was shown and said. */
async function following(routes: Readonly<Record<string, Route>>) {
  const node = await stubNode(routes);
  const seen: { views: DeploymentView[]; away: (number | null)[] } = { views: [], away: [] };
  return {
    ...seen,
    node,
    follow: (signal?: AbortSignal, bounds = BOUNDS) =>
      followDeployment(
        'dep-1',
        {
          async connect() {
            return (await connectNode({ env: node.env, home: '/nowhere' })).deployments;
          },
          show: (view) => void seen.views.push(view),
          away: (forMs) => void seen.away.push(forMs),
          signal,
        },
        bounds,
      ),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

test('a stream that breaks off in the middle is opened again, and the office is said to be away and back', async () => {
  let streams = 0;
  await using the = await following({
    'GET /v1/deployments/:id/stream': (_request, response) => {
      streams += 1;
      if (streams === 1) {
        eventStream(response, STEPS.slice(0, 2), false);
        response.destroy();
      } else if (streams < 4) problem(response, 503, 'Starting', 'the log is read');
      else eventStream(response, STEPS);
    },
    'GET /v1/deployments/:id': (_request, response) => json(response, 200, deploymentRow()),
  });
  expect(await the.follow(undefined, { ...BOUNDS, lookMs: 60_000 })).toMatchObject({ phase: 'switched' });
  expect([streams, the.views.at(-1)?.phase]).toEqual([4, 'switched']);
  expect(the.away.at(-1)).toBe(null);
  expect(the.away.length).toBeGreaterThan(1);
});

test('a stream that ends too early does not end the following, and one that is held back is not needed', async () => {
  let looks = 0;
  await using the = await following({
    'GET /v1/deployments/:id/stream': (_request, response) => eventStream(response, []),
    'GET /v1/deployments/:id': (_request, response) => {
      looks += 1;
      json(response, 200, deploymentRow(looks < 5 ? { phase: 'building', finished_at: null } : {}));
    },
  });
  expect(await the.follow()).toMatchObject({ phase: 'switched' });
  expect(the.views.map(({ phase }) => phase)).toContain('building');
});

test('a stream whose connection died without a word is left when the office does not answer a look', async () => {
  let streams = 0;
  let looks = 0;
  await using the = await following({
    'GET /v1/deployments/:id/stream': (_request, response) => {
      streams += 1;
      eventStream(response, streams === 1 ? STEPS.slice(0, 1) : STEPS, streams > 1);
    },
    'GET /v1/deployments/:id': (_request, response) => {
      looks += 1;
      if (looks === 1) response.destroy();
      else json(response, 200, deploymentRow());
    },
  });
  expect(await the.follow()).toMatchObject({ phase: 'switched' });
  expect(streams).toBe(2);
});

test('hosts are shown one by one as they answer, while the stream says nothing of it', async () => {
  let looks = 0;
  const open: { end?: () => void } = {};
  await using the = await following({
    'GET /v1/deployments/:id/stream': (_request, response) => {
      eventStream(response, STEPS.slice(0, 4), false);
      open.end = () => response.end(`data: ${JSON.stringify({ phase: 'switched' })}\n\n`);
    },
    'GET /v1/deployments/:id': (_request, response) => {
      looks += 1;
      const result = (supervisor: string, from: number) => ({
        ...{ supervisor, runtime: 'worker' },
        success: looks >= from ? true : null,
      });
      const results = [result('berlin', 2), result('paris', 4)];
      if (looks === 5) open.end?.();
      const isOver = looks >= 5;
      json(
        response,
        200,
        deploymentRow({ results, ...(isOver ? {} : { phase: 'starting', finished_at: null }) }),
      );
    },
  });
  await the.follow();
  const pictures = the.views.map(({ hosts }) => hosts.map(({ state }) => state).join(' '));
  expect([...new Set(pictures)]).toEqual(['', 'starting starting', 'serving starting', 'serving serving']);
});

test('an office that stays away is given up with the way to go on; what it refuses is told at once', async () => {
  await using the = await following({
    'GET /v1/deployments/:id/stream': (_request, response) =>
      problem(response, 404, 'Unknown deployment', 'no'),
  });
  await expect(the.follow()).rejects.toMatchObject({ what: 'Unknown deployment' });
  await the.node[Symbol.asyncDispose]();
  await expect(the.follow(undefined, { ...BOUNDS, awayMs: 30 })).rejects.toMatchObject({
    code: 'office_not_running',
    hint: expect.stringMatching(/deployments show dep-1 --follow[\s\S]*deployments cancel dep-1/),
  });
});

test('Ctrl-C leaves it alone and says how to follow it and how to call it off', async () => {
  const stop = new AbortController();
  await using the = await following({
    'GET /v1/deployments/:id/stream': (_request, response) => {
      eventStream(response, STEPS.slice(0, 2), false);
      stop.abort(new Error('Ctrl-C'));
    },
    'GET /v1/deployments/:id': (_request, response) => json(response, 200, deploymentRow()),
  });
  await expect(the.follow(stop.signal)).rejects.toMatchObject({
    code: 'stopped',
    hint: expect.stringMatching(/deployments show dep-1 --follow[\s\S]*deployments cancel dep-1/),
  });
  expect(the.node.requests.some((request) => request.startsWith('DELETE'))).toBe(false);
});
