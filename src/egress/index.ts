export type * from './channel.ts';
export { closedChannel } from './closed-channel.ts';
