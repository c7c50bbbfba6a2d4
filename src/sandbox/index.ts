export type * from './box.ts';
export { sandboxError } from './errors.ts';
export { openBox } from './open-box.ts';
