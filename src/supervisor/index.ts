export * from './protocol.ts';
export { startSupervisor } from './supervisor.ts';
