export type { DevRuntime } from './choose-runtime.ts';
export type { DevEvent, Say } from './events.ts';
export type { DevSource, SourceReader } from './source.ts';
export { type DevOptions, type DevServer, startDev } from './start-dev.ts';
