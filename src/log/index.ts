export * from './envelope.ts';
export type * from './log-store.ts';
