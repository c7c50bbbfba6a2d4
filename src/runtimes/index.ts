export type * from './runtime.ts';
export * from './wasm-http/artifact.ts';
