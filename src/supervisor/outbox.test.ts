import { expect, it } from 'vitest';
import { silentLogger } from '../kit/index.ts';
import type { EventDraft } from '../log/index.ts';
import { supervisorError } from './errors.ts';
import { createOutbox } from './outbox.ts';

const draft = (id: string): EventDraft => ({
  id,
  source: '/supervisors/test',
  type: 'app_started',
  subject: 'app/x',
  time: '2026-01-01T00:00:00Z',
  dataschema: 'tabbify:app_started/1',
  data: {},
  segment: 'platform.hosts.test',
  tenant: 'default',
  actor: 'supervisor:test',
});

it('sends in order, again and again until the node takes it', async () => {
  const taken: string[] = [];
  let refusals = 2;
  const outbox = createOutbox(async (event) => {
    if (refusals-- > 0) throw supervisorError('node_unavailable', { what: 'away' });
    taken.push(event.id);
  }, silentLogger());
  const sent = await Promise.all(['a', 'b', 'c'].map((id) => outbox.send(draft(id))));
  expect(sent).toEqual([true, true, true]);
  expect(taken).toEqual(['a', 'b', 'c']);
  outbox.close();
});

it('drops what the node will never take, and goes on', async () => {
  const taken: string[] = [];
  const outbox = createOutbox(async (event) => {
    if (event.id === 'bad') throw supervisorError('event_rejected', { what: 'no' });
    taken.push(event.id);
  }, silentLogger());
  void outbox.send(draft('bad'));
  await outbox.send(draft('good'));
  expect(taken).toEqual(['good']);
  outbox.close();
});

it('says when it was closed before something was sent', async () => {
  const outbox = createOutbox(async () => {
    throw supervisorError('node_unavailable', { what: 'away' });
  }, silentLogger());
  const sent = outbox.send(draft('a'));
  await outbox.flush(10);
  outbox.close();
  expect(await sent).toBe(false);
});
