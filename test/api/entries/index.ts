import type { Entry } from '../entry.ts';
import type { Operation } from '../operation.ts';
import { approvalEntries } from './approvals.ts';
import { appEntries } from './apps.ts';
import { blobEntries } from './blobs.ts';
import { eventEntries } from './events.ts';
import { hostEntries } from './hosts.ts';
import { memberEntries } from './members.ts';
import { projectionEntries } from './projections.ts';
import { secretEntries } from './secrets.ts';

/** How every operation of the API is called. A route is added here in the change that adds it. */
export const ENTRIES: readonly Entry[] = [
  ...hostEntries,
  ...memberEntries,
  ...appEntries,
  ...approvalEntries,
  ...eventEntries,
  ...projectionEntries,
  ...blobEntries,
  ...secretEntries,
];

/** All ways in which an operation is called; none for one that nobody has written an entry for. */
export function entriesOf({ key }: Operation): Entry[] {
  return ENTRIES.filter(({ operation }) => operation === key);
}
