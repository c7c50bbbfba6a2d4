export * from './envelope.ts';
export { eventDraftSchema, storedEventSchema } from './envelope-schema.ts';
export { type LogHooks, logRoutes } from './http/routes.ts';
export { appendBody, appendReply, eventsQuery, type OfferedEvent, streamQuery } from './http/schemas.ts';
export type * from './log-store.ts';
export { errorOfProblem, PROBLEM_JSON, type Problem, problemOf } from './problem.ts';
export { openRemoteLog, type RemoteLogOptions } from './remote/open.ts';
export { segmentMatches } from './segments.ts';
export { openSqliteLog, type SqliteLog, type SqliteLogOptions, type SqliteLogStats } from './sqlite/open.ts';
