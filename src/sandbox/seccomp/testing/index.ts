export { callsAtTheEdges, differences, seenCall } from './compare.ts';
export { expectedAnswer } from './expected.ts';
export { buildLiveCalls, type LiveCalls } from './live-calls.ts';
export { simulator } from './simulate.ts';
