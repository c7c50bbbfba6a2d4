export type * from './box.ts';
