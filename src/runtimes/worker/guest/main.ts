import { startGuest } from './guest.ts';

startGuest();
