export { expectedAnswer } from './expected.ts';
export { type SeenCall, simulator } from './simulate.ts';
