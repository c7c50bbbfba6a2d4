export { WORKER_GUEST } from './guest-program.ts';
export { processBytes } from './process-memory.ts';
export type * from './runtime.ts';
export { preloadRuntimes, runtimeOf, runtimesHere } from './runtime-of.ts';
export * from './wasm-http/artifact.ts';
