import { afterEach, beforeEach, expect, test } from 'vitest';
import { TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { assignTo, placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
let supervisor: FakeSupervisor;
beforeEach(async () => {
  node = await startTestNode();
  supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  await placeApp(node.log);
});
afterEach(async () => {
  await supervisor.close();
  await node.close();
});

const ask = (action: string) => node.call(`/v1/apps/${TINY}/${action}`, { method: 'POST' });
const row = async () => (await node.call(`/v1/apps/${TINY}`)).json;

test('the app shows how its restarts go, as its host says', async () => {
  await supervisor.assigned(TINY);
  expect(await row()).toMatchObject({ restart_status: 'running', restart_count: 0, retry_at: null });
  const retry_at = '2030-01-01T00:00:00.000Z';
  const said = { app: TINY, generation: 1, status: 'crashloop', failures: 5, retry_at };
  expect((await supervisor.say('app_restart_changed', said)).status).toBe(201);
  expect(await row()).toMatchObject({ restart_status: 'crashloop', restart_count: 5, retry_at });
});

test('a purged app is asked of its host once, is shown as purged, and nothing but a deployment starts it', async () => {
  await supervisor.assigned(TINY);
  expect((await ask('restart')).status).toBe(202);
  expect((await ask('purge')).status).toBe(202);
  const { purge_position, restart_position } = await supervisor.assigned(TINY);
  expect(purge_position).toBeGreaterThan(restart_position);
  expect((await ask('start')).json).toMatchObject({ status: 503, code: 'app_not_ready' });
  const said = await supervisor.say('app_purged', { app: TINY, generation: 1, purge_position });
  expect(said.status).toBe(201);
  expect(await row()).toMatchObject({ state: 'purged', pid: null });
  const { json } = await node.call('/v1/supervisors/local/desired', { token: supervisor.credential });
  expect(json.assignments).toEqual([]);
  for (const action of ['start', 'restart', 'reset', 'stop', 'purge']) {
    expect((await ask(action)).json).toMatchObject({ status: 503, code: 'app_not_ready' });
  }
  expect(supervisor.wakes).toEqual([]);
});

test.each(['purge', 'stop', 'restart'])(
  '%s of an app on two hosts, cut off between them and repeated under its key, reaches the rest',
  async (action) => {
    let isAway = true;
    const type = `app_${action}_requested`;
    const cutOff = await startTestNode({
      between: (log) => ({
        ...log,
        append(draft, options) {
          const isSecond =
            draft.type === type && (draft.data as { supervisor: string }).supervisor === 'second';
          return isAway && isSecond ? Promise.reject(new Error('cut off')) : log.append(draft, options);
        },
      }),
    });
    try {
      await placeApp(cutOff.log, { supervisor: 'first' });
      await assignTo(cutOff.log, 'second');
      const repeat = () =>
        cutOff.call(`/v1/apps/${TINY}/${action}`, { method: 'POST', headers: { 'idempotency-key': 'once' } });
      const reached = async () => (await cutOff.events([type])).map(({ data }) => data.supervisor);
      expect((await repeat()).status).toBe(500);
      expect(await reached()).toEqual(['first']);
      isAway = false;
      expect((await repeat()).status).toBe(202);
      expect(await reached()).toEqual(['first', 'second']);
    } finally {
      await cutOff.close();
    }
  },
);
