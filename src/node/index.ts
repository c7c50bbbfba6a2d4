export type { AppDirectory, EdgeApp, EdgeEndpoint } from './edge/app-directory.ts';
export { createEdge, type Edge, type EdgeOptions } from './edge/edge.ts';
export { createEdgeServer } from './edge/edge-server.ts';
