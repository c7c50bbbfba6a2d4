export { type Canary, openCanary } from './canary.ts';
