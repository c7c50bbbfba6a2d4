export * from './envelope.ts';
export { eventDraftSchema, storedEventSchema } from './envelope-schema.ts';
export { type LogErrorCode, logError } from './errors.ts';
export { parseEventsQuery, parseStreamQuery, type RawQuery } from './http/query.ts';
export { eventStream, type LogHooks, logRoutes, parseAppendBody } from './http/routes.ts';
export {
  appendBody,
  appendReply,
  eventPageSchema,
  eventsQuery,
  type OfferedEvent,
  streamQuery,
} from './http/schemas.ts';
export { HEARTBEAT_MS, sseFrame, sseStream } from './http/sse.ts';
export type * from './log-store.ts';
export { errorOfProblem, PROBLEM_JSON, type Problem, problemOf } from './problem.ts';
export { openRemoteLog, type RemoteLogOptions } from './remote/open.ts';
export { segmentMatches } from './segments.ts';
export { openSqliteLog, type SqliteLog, type SqliteLogOptions, type SqliteLogStats } from './sqlite/open.ts';
