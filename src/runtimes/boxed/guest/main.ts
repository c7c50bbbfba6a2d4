import { CHANNEL_PATH } from '../protocol.ts';
import { startGuest } from './guest.ts';

startGuest(CHANNEL_PATH);
