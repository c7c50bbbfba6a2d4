import type { AppReply } from '../client/replies.ts';

/** Names of the hosts that an app is on; none when it was never deployed. */
export function hostsOf({ instances, supervisor }: AppReply): string[] {
  if (instances.length > 0) return instances.map((instance) => instance.supervisor);
  return supervisor === null ? [] : [supervisor];
}
