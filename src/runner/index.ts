export { type RunnerIdentity, runnerArguments } from './arguments.ts';
export { type BundleOptions, bundleRunner, type RunnerBundle } from './bundle.ts';
export { sendControl } from './control-client.ts';
export { formatLogLine, type LogLine, type LogOrigin, parseLogLine } from './log-line.ts';
export * from './protocol.ts';
export { logPath, type RecordPaths, recordPaths } from './record-paths.ts';
