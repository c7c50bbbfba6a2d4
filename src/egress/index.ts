export { type AllowedHost, allowedHosts } from './allowed-host.ts';
export {
  type AppCalls,
  CALL_HEADER,
  type CalledApp,
  type CallRoute,
  createAppCalls,
} from './app-calls.ts';
export type * from './channel.ts';
export { type ChannelServer, type ChannelServerOptions, serveChannel } from './channel-server.ts';
export { DenialLog } from './denial-log.ts';
export { type GrantedHosts, grantedHosts } from './granted-hosts.ts';
export { type ChannelLimits, EGRESS_LIMITS, type EgressLimits } from './limits.ts';
export { noAppApi } from './no-app-api.ts';
export { noOtherApps } from './no-other-apps.ts';
export { type ChannelOptions, openChannel } from './open-channel.ts';
export type { EgressPolicy } from './policy.ts';
export { openRegistryChannel, type RegistryChannel, type RegistrySettings } from './registry-channel.ts';
export { ReusedBuffer } from './reused-buffer.ts';
export { secureStream } from './secure-stream.ts';
