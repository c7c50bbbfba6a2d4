export { bundleApp } from './bundle-app.ts';
export {
  type GuestProcess,
  type GuestStart,
  removeGuestProgram,
  serveGuest,
  startGuestProcess,
} from './guest-process.ts';
export { type Outside, openOutside } from './outside.ts';
