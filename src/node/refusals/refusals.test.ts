import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type Logger, newId, silentLogger } from '../../kit/index.ts';
import type { EventDraft } from '../../log/index.ts';
import { principalOf } from '../credentials/principal.ts';
import { createRefusals } from './refusals.ts';

const DENIED = { method: 'POST', route: '/v1/apps/{uuid}/deploy', status: 403, code: 'not_allowed' };

const viewer = (name = 'viewer', office = 'bakery') =>
  principalOf(
    {
      id: newId(),
      kind: 'person',
      name,
      office,
      role: 'viewer',
      scopes: [],
      issuedAt: '',
      trustedSince: 0,
      issuedBy: '',
      expiresAt: null,
    },
    new AbortController().signal,
  );

/** @param append what the log does; default: takes everything */
function refusalsWith(append: () => Promise<void> = async () => {}) {
  const appended: EventDraft[] = [];
  const lines: { fields: Record<string, unknown>; text: string }[] = [];
  const clock = { at: 1_000_000, now: () => clock.at };
  const logger = {
    ...silentLogger(),
    warn: (fields: Record<string, unknown>, text: string) => lines.push({ fields, text }),
  } as unknown as Logger;
  const log = {
    async append(draft: EventDraft) {
      await append();
      appended.push(draft);
      return { position: appended.length, duplicate: false };
    },
  };
  return { refusals: createRefusals({ log, clock, logger }), appended, clock, lines };
}

/** What is under way is done, without ending anything. */
const settled = (refusals: { close(): Promise<void> }) => refusals.close();

test('a refusal of a known actor is an event of his own office, without what he asked for', async () => {
  const { refusals, appended } = refusalsWith();
  const principal = { ...viewer(), office: 'picked' };
  refusals.ofKnown(principal, DENIED);
  await settled(refusals);
  expect(appended).toMatchObject([
    {
      type: 'request_refused',
      class: 'traffic',
      actor: 'user:viewer',
      tenant: 'bakery',
      segment: 'tenant_bakery.audit',
      subject: `credential/${principal.credentialId}`,
      data: { credential_id: principal.credentialId, ...DENIED, suppressed: 0 },
    },
  ]);
});

test('a burst is written down, then one each ten seconds, which tells how many were left out', async () => {
  const { refusals, appended, clock } = refusalsWith();
  const principal = viewer();
  for (let count = 0; count < 25; count += 1) refusals.ofKnown(principal, DENIED);
  clock.at += 10_000;
  for (let count = 0; count < 3; count += 1) refusals.ofKnown(principal, DENIED);
  clock.at += 10_000;
  refusals.ofKnown(principal, DENIED);
  await settled(refusals);
  expect(appended.map(({ data }) => data.suppressed)).toEqual([...Array(10).fill(0), 15, 2]);
  expect(refusals.counts().known).toEqual({ refused: 29, appended: 12, suppressed: 17 });
});

test('one who is refused often does not hide the others', async () => {
  const { refusals, appended } = refusalsWith();
  const loud = viewer('loud');
  for (let count = 0; count < 1_000; count += 1) refusals.ofKnown(loud, DENIED);
  refusals.ofKnown(viewer('quiet'), DENIED);
  await settled(refusals);
  expect(appended.filter(({ actor }) => actor === 'user:quiet')).toHaveLength(1);
});

test('all credentials together are bounded too', async () => {
  const { refusals, appended } = refusalsWith();
  for (let count = 0; count < 5_000; count += 1) {
    refusals.ofKnown(viewer(), DENIED);
    if (count % 20 === 0) await settled(refusals);
  }
  await settled(refusals);
  expect(appended).toHaveLength(100);
  expect(refusals.counts().known).toEqual({ refused: 5_000, appended: 100, suppressed: 4_900 });
});

test('a log that cannot write fails nobody, and what it did not take is told by the next one', async () => {
  let broken = true;
  const { refusals, appended, clock, lines } = refusalsWith(async () => {
    if (broken) throw new Error('no space left');
  });
  const principal = viewer();
  for (let count = 0; count < 3; count += 1) refusals.ofKnown(principal, DENIED);
  await settled(refusals);
  expect(refusals.counts().known).toEqual({ refused: 3, appended: 0, suppressed: 3 });
  expect(lines).toMatchObject([{ fields: { why: 'no space left' } }]);
  broken = false;
  clock.at += 1_000;
  refusals.ofKnown(principal, DENIED);
  await settled(refusals);
  expect(appended.map(({ data }) => data.suppressed)).toEqual([3]);
});

test('nothing waits for a log that hangs, and no more than a few appends are under way', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { refusals, appended } = refusalsWith(() => promise);
  for (let count = 0; count < 100; count += 1) refusals.ofKnown(viewer(), DENIED);
  expect(refusals.counts().known).toEqual({ refused: 100, appended: 0, suppressed: 68 });
  resolve();
  await settled(refusals);
  expect(appended).toHaveLength(32);
});

test('a log that hangs for good does not keep the node open', async () => {
  const { refusals } = refusalsWith(() => new Promise(() => {}));
  refusals.ofKnown(viewer(), DENIED);
  await refusals.close();
});

test('strangers are counted by reason, and told of in one line each ten seconds', () => {
  const { refusals, clock, lines } = refusalsWith();
  for (let count = 0; count < 500; count += 1) refusals.ofStranger('credential_unknown', '192.0.2.1');
  refusals.ofStranger('app_private', '192.0.2.2');
  clock.at += 10_000;
  refusals.ofStranger('credential_absent', '192.0.2.3');
  expect(lines.map(({ fields }) => fields)).toEqual([
    { remote: '192.0.2.1', refused: { credential_unknown: 1 } },
    { remote: '192.0.2.3', refused: { credential_unknown: 499, app_private: 1, credential_absent: 1 } },
  ]);
  expect(refusals.counts().unknown).toEqual({
    credential_absent: 1,
    credential_unknown: 500,
    app_private: 1,
    host_foreign: 0,
    origin_foreign: 0,
  });
});

test('memory does not grow with those who were refused', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { refusals } = refusalsWith(() => new Promise(() => {}));
  const knock = (times: number) => {
    for (let count = 0; count < times; count += 1) {
      refusals.ofStranger('credential_unknown', `192.0.2.${newId()}`);
      refusals.ofKnown(viewer(newId()), DENIED);
    }
  };
  knock(2_000); // until all that is kept at most is kept
  collect();
  const before = process.memoryUsage().heapUsed;
  knock(20_000);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
});
