import { expect, test } from 'vitest';
import { draft, range } from '../conformance/harness.ts';
import { prepareDraft } from '../envelope-schema.ts';
import { createGroupCommit } from './group-commit.ts';
import type { AppendRow } from './messages.ts';

function recorded() {
  const sent: (readonly AppendRow[])[] = [];
  const published: number[] = [];
  const group = createGroupCommit(
    (rows) => sent.push(rows),
    (events) => published.push(...events.map(({ event }) => event.position)),
  );
  return { sent, published, group };
}

const prepared = () => prepareDraft(draft());

test('what arrives while a group is under way is the next group', async () => {
  const { sent, group } = recorded();
  const first = group.append(prepared(), null);
  await Promise.resolve();
  expect(sent.map((rows) => rows.length)).toEqual([1]);
  const more = range(1, 5).map(() => group.append(prepared(), null));
  await Promise.resolve();
  expect(sent).toHaveLength(1);
  group.committed([{ kind: 'appended', position: 1 }]);
  expect(await first).toEqual({ position: 1, duplicate: false });
  expect(sent.map((rows) => rows.length)).toEqual([1, 5]);
  group.committed(range(2, 6).map((position) => ({ kind: 'appended', position })));
  expect((await Promise.all(more)).map((result) => result.position)).toEqual(range(2, 6));
  expect(group.stats()).toEqual({ appended: 6, commits: 2 });
});

test('every member of a group has its own answer, and readers are told before writers', async () => {
  const { published, group } = recorded();
  const results = [
    group.append(prepared(), 0),
    group.append(prepared(), 0),
    group.append(prepared(), null).then((result) => [result, [...published]]),
  ];
  await Promise.resolve();
  group.committed([
    { kind: 'duplicate', position: 3 },
    { kind: 'conflict', last: 9 },
    { kind: 'appended', position: 10 },
  ]);
  expect(await Promise.allSettled(results)).toMatchObject([
    { status: 'fulfilled', value: { position: 3, duplicate: true } },
    { status: 'rejected', reason: { code: 'position_conflict' } },
    { status: 'fulfilled', value: [{ position: 10, duplicate: false }, [10]] },
  ]);
});

test('a group that was not made durable is refused as a whole, the next one is tried', async () => {
  const { sent, group } = recorded();
  const lost = [group.append(prepared(), null), group.append(prepared(), null)];
  await Promise.resolve();
  const next = group.append(prepared(), null);
  group.refused({ code: 'log_unavailable', why: 'the disk is full', hint: 'Free some space' });
  for (const outcome of await Promise.allSettled(lost)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'log_unavailable', status: 503 } });
  }
  expect(sent).toHaveLength(2);
  group.committed([{ kind: 'appended', position: 1 }]);
  expect((await next).position).toBe(1);
});

test('idle waits for everything that was handed in', async () => {
  const { group } = recorded();
  await group.idle();
  let idle = false;
  const appended = group.append(prepared(), null);
  const waiting = group.idle().then(() => {
    idle = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  expect(idle).toBe(false);
  group.committed([{ kind: 'appended', position: 1 }]);
  await Promise.all([appended, waiting]);
});
