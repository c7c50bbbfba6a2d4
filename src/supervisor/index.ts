export * from './protocol.ts';
export { type Supervisor, type SupervisorOptions, startSupervisor } from './supervisor.ts';
