export type * from './box.ts';
export { sandboxError } from './errors.ts';
export { openBox } from './open-box.ts';
export { probeBoxes } from './probe/probe-boxes.ts';
export { sweepBoxes } from './sweep.ts';
