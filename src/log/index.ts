export * from './envelope.ts';
export { eventDraftSchema, storedEventSchema } from './envelope-schema.ts';
export { type LogErrorCode, logError } from './errors.ts';
export type * from './log-store.ts';
export { segmentMatches } from './segments.ts';
export { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './sqlite/open.ts';
