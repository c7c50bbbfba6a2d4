export { GUEST_PROGRAMS } from './guest-program.ts';
export { PATIENCE_MS } from './patience.ts';
export { processBytes } from './process-memory.ts';
export type * from './runtime.ts';
export { SECRET_FILES } from './runtime.ts';
export { describeRuntimes, haveGroups, preloadRuntimes, type RuntimesHere, runtimeOf } from './runtime-of.ts';
export * from './wasm-http/artifact.ts';
