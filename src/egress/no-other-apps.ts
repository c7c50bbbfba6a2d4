import { type Clock, systemClock } from '../kit/index.ts';
import type { AppChannel } from './channel.ts';
import { DenialLog } from './denial-log.ts';
import { canonicalHost } from './destination.ts';
import { egressError } from './errors.ts';
import { appNameOf } from './platform-host.ts';

export interface NoOtherAppsOptions {
  /** Is the app of that name on the list? One that is not is denied by the channel, as anywhere. */
  readonly isListed: (name: string) => boolean;
  /** Why there are none, and what to do, each in a sentence without its end. */
  readonly why: string;
  readonly hint: string;
  /** Tells a line on the app's log. */
  readonly say: (line: string) => void;
  readonly clock?: Clock;
}

/**
 * A channel for where an app runs alone: who calls another app that it may call elsewhere is told, with `egress_unreachable`, that there is
 * none. All else is the channel's.
 */
export function noOtherApps(channel: AppChannel, options: NoOtherAppsOptions): AppChannel {
  const { isListed, why, hint } = options;
  const log = new DenialLog(options.say, options.clock ?? systemClock);
  return {
    async dial(to, signal) {
      const host = canonicalHost(to.host) ?? '';
      const name = appNameOf({ host }) ?? '';
      if (!isListed(name)) return channel.dial(to, signal);
      log.other(`a call to "app:${name}"`, why);
      throw egressError('egress_unreachable', { what: `app:${name} was not reached`, why, hint });
    },
  };
}
