import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type EventDraft,
  type EventPage,
  eventDraftSchema,
  openSqliteLog,
  type StoredEvent,
} from '../../src/log/index.ts';
import { appsOf, assertDomainEvent, foldEvents, isDomainType, primaryOf } from '../../src/state/index.ts';
import { corpusEvents } from './corpus.ts';
import { planFor } from './plan.ts';
import { writeCorpus } from './write-corpus.ts';

const stored = (drafts: Iterable<EventDraft>): StoredEvent[] =>
  [...drafts].map((draft, index) => ({ ...draft, specversion: '1.0', position: index + 1 }));

test('the corpus is fixed: figures of different days are of the same events', () => {
  const hash = createHash('sha256');
  for (const draft of corpusEvents(5000)) hash.update(JSON.stringify(draft));
  // Another digest is another corpus: figures from before it cannot be compared with those after.
  expect(hash.digest('hex')).toBe('edce6e707c39a8c5572ce544c48ad8aebce0da3b926eba54e6eaaadff5c56916');
});

test('it holds valid events, each with an id of its own', () => {
  const drafts = [...corpusEvents(3000)];
  for (const draft of drafts) {
    expect(eventDraftSchema.safeParse(draft).error).toBeUndefined();
    if (isDomainType(draft.type)) expect(() => assertDomainEvent(draft)).not.toThrow();
  }
  expect(drafts).toHaveLength(3000);
  expect(new Set(drafts.map(({ id }) => id)).size).toBe(3000);
});

test('half of it is traffic, and webhook bodies are of 300 to 1500 bytes', () => {
  const drafts = [...corpusEvents(4000)];
  expect(drafts.filter((draft) => draft.class === 'traffic')).toHaveLength(2000);
  const bodies = drafts
    .filter((draft) => draft.type === 'ExternalWebhookReceived')
    .map(({ data }) => JSON.stringify(data).length);
  expect(bodies.length).toBeGreaterThan(500);
  expect(Math.min(...bodies)).toBeGreaterThanOrEqual(300);
  expect(Math.max(...bodies)).toBeLessThanOrEqual(1500);
});

test('its state has the apps and deployments that were planned, most of them ended, with credentials that ended too', () => {
  const plan = planFor(20_000);
  const state = foldEvents(stored(corpusEvents(20_000)));
  expect([state.apps.size, state.deployments.size]).toEqual([plan.apps, plan.deployments]);
  const open = [...state.deployments.values()].filter(({ finishedAt }) => finishedAt === null);
  expect(open.length).toBeLessThan(3);
  expect(state.supervisors.size).toBe(3);
  expect(state.credentials.size + state.revokedHashes.size).toBe(plan.credentials);
  expect(state.revokedHashes.size).toBeGreaterThan(0);
  expect(appsOf(state).every((app) => primaryOf(app)?.instance != null)).toBe(true);
});

test('a million events are of 200 apps and 20,000 deployments', () => {
  expect(planFor(1_000_000)).toEqual({ events: 1_000_000, apps: 200, deployments: 20_000, credentials: 400 });
});

test('it is written into a log as an office would have written it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-corpus-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'log.db');
  await writeCorpus(file, 4500);
  const log = await openSqliteLog({ file });
  onTestFinished(() => log.close());
  expect(await log.head()).toBe(4500);
  const expected = stored(corpusEvents(4500));
  for (let after: number | null = 3600; after !== null; ) {
    const page: EventPage = await log.read({ after, limit: 500 });
    expect(page.events.length).toBeGreaterThan(0);
    expect(page.events).toEqual(expected.slice(after, after + page.events.length));
    after = page.next;
  }
});
