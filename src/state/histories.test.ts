import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type StoredEvent, storedEventSchema } from '../log/index.ts';
import { desiredFor } from './desired.ts';
import { foldEvents } from './fold/fold.ts';
import { assertDomainEvent, isDomainType } from './registry.ts';
import { appBySlug, credentialByHash, deploymentsOf, supervisorsOf } from './selectors.ts';
import { upcast } from './upcast.ts';

/** Recorded logs; every later version must fold them to the same office. */
function history(name: string): StoredEvent[] {
  const text = readFileSync(new URL(`../../test/histories/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredEvent);
}

test('0001-first-office holds valid envelopes, and valid data of every type that is known', () => {
  for (const [index, event] of history('0001-first-office').entries()) {
    expect(storedEventSchema.parse(event).position).toBe(index + 1);
    if (isDomainType(event.type)) expect(() => assertDomainEvent(upcast(event))).not.toThrow();
  }
});

test('0001-first-office: two deploys, a failed third, an adoption, a start and a crash', () => {
  const state = foldEvents(history('0001-first-office'));
  const app = appBySlug(state, 'hello');
  const uuid = '0191e7c2-1111-7222-8333-444455556666';
  expect(state.position).toBe(28);
  expect(credentialByHash(state, '01'.repeat(32))).toMatchObject({ kind: 'person', name: 'owner' });
  expect(credentialByHash(state, '02'.repeat(32))).toMatchObject({ kind: 'supervisor', name: 'local' });
  expect(supervisorsOf(state)).toMatchObject([{ name: 'local', tags: ['wasm-http'] }]);
  expect(app).toMatchObject({ uuid, latestVersion: 3, ula: 'fd5a:1f02:44a5:240b:121a::1' });
  expect([...(app?.versions.keys() ?? [])]).toEqual([1, 2, 3]);
  expect(app?.versions.get(2)?.denied).toEqual(['capabilities.http_allow_list']);
  expect(deploymentsOf(state, uuid).map(({ phase, version }) => [version, phase])).toEqual([
    [1, 'succeeded'],
    [2, 'succeeded'],
    [3, 'failed'],
  ]);
  expect(desiredFor(state, 'local')).toMatchObject([
    { app: uuid, version: 2, generation: 2, digest: 'c2'.repeat(32), pinned: true, stopped: false },
  ]);
  expect(app?.instance).toMatchObject({ state: 'running', generation: 2, pid: 4977, adopted: false });
});
