export { runnerArguments } from './arguments.ts';
export { bundleRunner, type RunnerBundle } from './bundle.ts';
export { sendControl } from './control-client.ts';
export { type LogLine, parseLogLine } from './log-line.ts';
export * from './protocol.ts';
export { logPath, recordPaths } from './record-paths.ts';
