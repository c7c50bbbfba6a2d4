export { type EndedRunner, endRunners } from './end-runners.ts';
export { readLogQuery } from './log-filter.ts';
export { readChartQuery } from './metrics/chart.ts';
export { addFigures, latencyAt, NO_FIGURES } from './metrics/figures.ts';
export type { AppNow, Chart } from './metrics/metrics.ts';
export { SUPERVISOR_POINTS, type SupervisorPoint } from './points.ts';
export * from './protocol.ts';
export { startSupervisor } from './supervisor.ts';
