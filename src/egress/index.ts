export type { AllowedHost } from './allowed-host.ts';
export type * from './channel.ts';
export {
  type ChannelLimits,
  type ChannelServer,
  type ChannelServerOptions,
  serveChannel,
} from './channel-server.ts';
export { DenialLog } from './denial-log.ts';
export { noAppApi } from './no-app-api.ts';
export { type ChannelOptions, openChannel } from './open-channel.ts';
export { openRegistryChannel, type RegistryChannel, type RegistrySettings } from './registry-channel.ts';
export { secureStream } from './secure-stream.ts';
