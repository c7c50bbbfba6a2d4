import { expect, it } from 'vitest';
import { formatTraceParent, parseTraceParent } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it('reads what it writes, and of the flags what it knows', () => {
  for (const flags of [0, 1, 3]) {
    const parent = { traceId: TRACE, spanId: SPAN, flags };
    expect(parseTraceParent(formatTraceParent(parent))).toEqual(parent);
  }
  expect(parseTraceParent(`00-${TRACE}-${SPAN}-ff`)?.flags).toBe(3);
});

it('takes from a later version what it knows', () => {
  expect(parseTraceParent(`cc-${TRACE}-${SPAN}-01-what-comes`)).toMatchObject({ traceId: TRACE, flags: 1 });
  expect(parseTraceParent(`cc-${TRACE}-${SPAN}-01`)).toMatchObject({ traceId: TRACE, flags: 1 });
});

it.each([
  undefined,
  '',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `cc-${TRACE}-${SPAN}-01.more`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-1`,
  ` 00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
])('does not continue %j', (value) => {
  expect(parseTraceParent(value)).toBeNull();
});
