import { type Manifest, parseHostEntry } from '../app/index.ts';
import { type GrantedHosts, grantedHosts } from '../egress/index.ts';
import type { Say } from './events.ts';

/**
 * What the app may call while it is written: what its manifest lists at this moment, and nothing else. Whoever writes it runs it for himself,
 * on his machine: nobody else is to be asked.
 */
export interface DevGrant {
  /** From now on it is this, also for what runs: a connection that is not listed any more is broken off. Said when it changes. */
  renew(manifest: Manifest): void;
  /** What an instance's channel lives by, until `close`. */
  open(): GrantedHosts;
  close(policy: GrantedHosts): void;
  /** Is `app:<name>` listed? */
  listsApp(name: string): boolean;
}

export function createDevGrant(say: Say): DevGrant {
  const open = new Set<GrantedHosts>();
  let entries: readonly string[] = [];
  return {
    renew({ capabilities: { httpAllowList } }) {
      if (JSON.stringify(httpAllowList) === JSON.stringify(entries)) return;
      entries = httpAllowList;
      for (const policy of open) policy.set(entries);
      const apps = entries.filter(isApp);
      say({ event: 'grant', hosts: entries.filter((entry) => !apps.includes(entry)), apps });
    },
    open() {
      const policy = grantedHosts(entries);
      open.add(policy);
      return policy;
    },
    close: (policy) => void open.delete(policy),
    listsApp: (name) => entries.includes(`app:${name}`),
  };
}

function isApp(entry: string): boolean {
  const pattern = parseHostEntry(entry);
  return pattern !== null && 'app' in pattern;
}
