export { peerUla } from './peer-ula.ts';
