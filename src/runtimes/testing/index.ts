export { type FaultsInEnvironment, faultyByEnvironment } from './faulty-by-environment.ts';
