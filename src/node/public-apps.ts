import type { AppDirectory } from './edge/app-directory.ts';
import type { LiveState } from './live-state.ts';

/** Apps that are public, for whoever is let in by nothing else. */
export interface PublicApps {
  /** Aborts when the app is public no more. @param app id of one that is, at this moment */
  until(app: string): AbortSignal;
  close(): void;
}

/** Follows the state: what strangers have opened at an app ends when it is not for them any more. */
export function followPublicApps(
  live: Pick<LiveState, 'onEvent'>,
  apps: Pick<AppDirectory, 'byId'>,
): PublicApps {
  /** Of apps that were visited since they became public. */
  const visited = new Map<string, AbortController>();
  let isSweeping = false;

  function sweep(): void {
    isSweeping = false;
    for (const [app, ended] of visited) {
      if (apps.byId(app)?.visibility === 'public') continue;
      visited.delete(app);
      ended.abort();
    }
  }

  const stop = live.onEvent((event) => {
    if (event.class === 'traffic' || isSweeping || visited.size === 0) return; // traffic is never folded
    isSweeping = true; // events come in bursts
    setImmediate(sweep);
  });

  return {
    until(app) {
      let ended = visited.get(app);
      if (ended === undefined) {
        ended = new AbortController();
        visited.set(app, ended);
      }
      return ended.signal;
    },
    close: stop,
  };
}
