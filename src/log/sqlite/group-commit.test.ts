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
/** A turn of the event loop: groups leave at its end. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what arrives while a group is under way is the next group', async () => {
  const { sent, group } = recorded();
  const first = group.append(prepared(), null);
  await turn();
  expect(sent.map((rows) => rows.length)).toEqual([1]);
  const more = range(1, 5).map(() => group.append(prepared(), null));
  await turn();
  expect(sent).toHaveLength(1);
  group.committed([{ kind: 'appended', position: 1 }]);
  expect(await first).toEqual({ position: 1, duplicate: false });
  await turn();
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
  await turn();
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
  await turn();
  const next = group.append(prepared(), null);
  group.refused({ code: 'log_unavailable', why: 'the disk is full', hint: 'Free some space' });
  for (const outcome of await Promise.allSettled(lost)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'log_unavailable', status: 503 } });
  }
  await turn();
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
  await turn();
  expect(idle).toBe(false);
  group.committed([{ kind: 'appended', position: 1 }]);
  await Promise.all([appended, waiting]);
});

test('a large group is told in slices with turns of the event loop between, in order, and the next group waits for all', async () => {
  const { sent, published, group } = recorded();
  let told = 0;
  const append = async () => group.append(prepared(), null); // the store's own call lies between
  const all = range(1, 200).map(async () => {
    await append();
    told++;
    await append();
  });
  await turn();
  group.committed(range(1, 200).map((position) => ({ kind: 'appended', position })));
  const steps: number[] = [];
  while (told < 200) {
    expect(published).toEqual(range(1, published.length));
    expect(sent).toHaveLength(1);
    steps.push(published.length);
    await turn();
  }
  expect(steps.length).toBeGreaterThan(4);
  await turn();
  expect(sent.map((rows) => rows.length)).toEqual([200, 200]); // who was told came along
  group.committed(range(201, 400).map((position) => ({ kind: 'appended', position })));
  await Promise.all(all);
  expect(published).toEqual(range(1, 400));
});

test('what is on disk is told to the end, although the thread fails meanwhile', async () => {
  const { published, group } = recorded();
  const first = range(1, 100).map(() => group.append(prepared(), null));
  await turn();
  group.committed(range(1, 100).map((position) => ({ kind: 'appended', position })));
  expect(published.length).toBeLessThan(100);
  group.fail({ code: 'log_unavailable', why: 'its thread ended', hint: 'Try again' });
  await Promise.all(first); // they are on disk
  await group.idle();
  expect(published).toEqual(range(1, 100));
});
