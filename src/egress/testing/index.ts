export { type Canary, openCanary } from './canary.ts';
export { CERTIFICATE, CERTIFICATE_KEY } from './certificate.ts';
