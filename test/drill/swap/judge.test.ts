import { expect, it } from 'vitest';
import { BOUND, judge, latencies } from './judge.ts';
import type { Sample } from './sample.ts';

const get = (sent: number, ended: number, served: string, changes: Partial<Sample> = {}): Sample => ({
  ...{ kind: 'get', due: sent, sent, ended, served, failure: null },
  ...changes,
});
/** `one` until `two` was said to be in place at 200, having been asked for at 100. */
const SPANS = [
  { name: 'one', from: 0, until: 200 },
  { name: 'two', from: 100, until: null },
];

it('lets either version answer while one takes the place of the other, and none but them', () => {
  const answered = [
    get(10, 20, 'one'),
    get(90, 110, 'two'),
    get(150, 160, 'one'),
    get(199, 260, 'one'),
    get(300, 310, 'two'),
  ];
  expect(judge(answered, SPANS)).toEqual({ requests: 5, lost: 0, failures: [] });
  expect(judge([get(201, 202, 'one')], SPANS).failures).toEqual([
    expect.stringContaining('by one, which was not in place'),
  ]);
  expect(judge([get(50, 99, 'two')], SPANS).failures).toHaveLength(1);
  expect(judge([get(50, 99, 'three')], SPANS).failures).toHaveLength(1);
});

it('counts every bad end as a failure, but for what a killed runner was bound to', () => {
  const broken = { failure: 'ECONNRESET', served: null };
  const killed = [{ from: 100, until: 100, kinds: BOUND }];
  const post = get(90, 110, '', { kind: 'post', ...broken });
  expect(judge([post], SPANS).failures).toHaveLength(1);
  expect(judge([post], SPANS, killed)).toMatchObject({ lost: 1, failures: [] });
  expect(judge([get(90, 110, '', broken)], SPANS, killed).failures).toHaveLength(1);
  expect(judge([{ ...post, sent: 101 }], SPANS, killed).failures).toHaveLength(1);
});

it('measures from the moment at which a request was due', () => {
  const late = get(150, 160, 'one', { due: 100 });
  expect(latencies([late, get(500, 501, 'two'), get(110, 9_000, '', { kind: 'stream' })], 0, 200)).toEqual([
    60,
  ]);
});
