export type { EgressAttack, Words } from './attacks/attack.ts';
export { EGRESS_ATTACKS } from './attacks/index.ts';
export { scriptedResolver } from './attacks/scripted-resolver.ts';
export { withPort } from './attacks/with-port.ts';
export { type Canary, openCanary, until } from './canary.ts';
export { CERTIFICATE, CERTIFICATE_KEY } from './certificate.ts';
export { clientHello } from './client-hello.ts';
