import type { Entry } from '../entry.ts';
import { appEntries } from './apps.ts';
import { blobEntries } from './blobs.ts';
import { eventEntries } from './events.ts';
import { hostEntries } from './hosts.ts';
import { memberEntries } from './members.ts';

/** How every operation of the API is called. A route is added here in the change that adds it. */
export const ENTRIES: readonly Entry[] = [
  ...hostEntries,
  ...memberEntries,
  ...appEntries,
  ...eventEntries,
  ...blobEntries,
];
