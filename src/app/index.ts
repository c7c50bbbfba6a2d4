export type * from './manifest/model.ts';
