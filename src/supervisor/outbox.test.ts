import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../kit/index.ts';
import type { EventDraft } from '../log/index.ts';
import { supervisorError } from './errors.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import { until } from './test-support/until.ts';

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
/** Ids in an outbox are UUIDs. */
const id = (n: number): string => `0191e7c2-1111-7222-8333-${String(n).padStart(12, '0')}`;

let directory: string;
let open: Outbox[];
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'tabbify-outbox-')), 'outbox');
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((outbox) => outbox.close()));
  await rm(join(directory, '..'), { recursive: true });
});

async function outboxTo(post: (draft: EventDraft) => Promise<void>, limit?: number): Promise<Outbox> {
  const logger = silentLogger();
  const outbox = await openOutbox({ directory, post, logger, ...(limit !== undefined && { limit }) });
  open.push(outbox);
  return outbox;
}
const away = async (): Promise<void> => {
  throw supervisorError('node_unavailable', { what: 'away' });
};
const fileText = () => readFile(join(directory, 'observations.jsonl'), 'utf8');

it('sends in order, again and again until the node takes it, and keeps nothing of it then', async () => {
  const taken: string[] = [];
  let refusals = 2;
  const outbox = await outboxTo(async (event) => {
    if (refusals-- > 0) await away();
    taken.push(event.id);
  });
  const sent = await Promise.all([1, 2, 3].map((n) => outbox.send(draft(id(n)))));
  expect(sent).toEqual([true, true, true]);
  await outbox.flush(5_000);
  expect(taken).toEqual([1, 2, 3].map(id));
  await until('an empty file', async () => (await fileText()) === '');
});

it('drops what the node will never take, and goes on', async () => {
  const taken: string[] = [];
  const outbox = await outboxTo(async (event) => {
    if (event.id === id(1)) throw supervisorError('event_rejected', { what: 'no' });
    taken.push(event.id);
  });
  await Promise.all([1, 2].map((n) => outbox.send(draft(id(n)))));
  await outbox.flush(5_000);
  expect(taken).toEqual([id(2)]);
});

it('has an observation on disk when it says so, and the next process sends it, once, before its own', async () => {
  const first = await outboxTo(away);
  expect(await first.send(draft(id(1)))).toBe(true);
  expect(await first.send(draft(id(2)))).toBe(true);
  expect((await fileText()).trim().split('\n')).toHaveLength(2);
  // The first is left as it is: nothing of it runs on after a kill, and nothing is tidied up.
  const taken: string[] = [];
  const second = await outboxTo(async (event) => void taken.push(event.id));
  await second.send(draft(id(3)));
  await second.flush(5_000);
  expect(taken).toEqual([1, 2, 3].map(id));
  await second.close();
  const third = await outboxTo(async (event) => void taken.push(event.id));
  await third.flush(1_000);
  expect(taken).toHaveLength(3);
});

it('does not send again what was delivered while others wait', async () => {
  const taken: string[] = [];
  const first = await outboxTo(async (event) => {
    if (event.id !== id(1)) await away();
    taken.push(event.id);
  });
  await Promise.all([1, 2].map((n) => first.send(draft(id(n)))));
  await until('the note of the delivery', async () => (await fileText()).includes('delivered'));
  await first.close();
  const second = await outboxTo(async (event) => void taken.push(event.id));
  await second.flush(5_000);
  expect(taken).toEqual([1, 2].map(id));
});

it('drops a line that was cut short, and keeps those before and after it', async () => {
  await (await outboxTo(away)).send(draft(id(1)));
  await appendFile(join(directory, 'observations.jsonl'), JSON.stringify(draft(id(2))).slice(0, 50));
  const second = await outboxTo(away);
  await second.send(draft(id(3)));
  const taken: string[] = [];
  const third = await outboxTo(async (event) => void taken.push(event.id));
  await third.flush(5_000);
  expect(taken).toEqual([1, 3].map(id));
});

it('is bounded: the oldest is dropped for what is new', async () => {
  const first = await outboxTo(away, 3);
  for (const n of [1, 2, 3, 4]) await first.send(draft(id(n)));
  const taken: string[] = [];
  const second = await outboxTo(async (event) => void taken.push(event.id));
  await second.flush(5_000);
  expect(taken).toHaveLength(3);
  expect(taken.at(-1)).toBe(id(4));
});
