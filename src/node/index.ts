export type { ApiEnv } from './api/context.ts';
export type { Principal, Scope } from './credentials/principal.ts';
export type { AppDirectory, EdgeApp, EdgeEndpoint } from './edge/app-directory.ts';
export { createEdge, type Edge, type EdgeOptions } from './edge/edge.ts';
export type { EdgeCredential } from './edge/edge-credential.ts';
export { createEdgeServer } from './edge/edge-server.ts';
export { foldLog } from './live-state.ts';
export { RETENTION_DEFAULTS, type RetentionSettings } from './retention/settings.ts';
export { type NodeOptions, startNode, type TabbifyNode } from './start-node.ts';
