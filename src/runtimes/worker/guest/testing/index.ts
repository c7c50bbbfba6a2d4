export {
  type GuestProcess,
  type GuestStart,
  removeGuestProgram,
  serveGuest,
  startGuestProcess,
} from './guest-process.ts';
