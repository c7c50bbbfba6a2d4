export {
  bucketName,
  bucketOf,
  createAnswerFigures,
  LATENCY_BOUNDS_MS,
  PROBE_HEADER,
  TimedResponse,
} from './app-figures.ts';
export { runnerArguments } from './arguments.ts';
export { bundleRunner, type RunnerBundle } from './bundle.ts';
export { sendControl } from './control-client.ts';
export { createLogBudget } from './log-budget.ts';
export { LOG_ORIGINS, type LogLine, type LogOrigin, parseLogLine } from './log-line.ts';
export { LOG_HEAD_BYTES, logFiles } from './log-rotation.ts';
export { createLogWriter } from './log-writer.ts';
export { isPrivatePath } from './private-path.ts';
export * from './protocol.ts';
export { logPath, recordPaths } from './record-paths.ts';
export { type RequestHead, readRequestHead } from './request-head.ts';
export { openSocketDirectory, socketPath } from './socket-directory.ts';
export { parseSpanReport, SPAN_HEADER, type SpanReport, TRACE_HEADER } from './span-report.ts';
export { formatTraceParent, parseTraceParent } from './trace-context.ts';
