import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ProcessIdentity } from '../../kit/index.ts';
import type { ProfileName } from '../box.ts';

/** What is known of a box by those who come after its owner: `<home>/boxes/<slot>.json`, there before anything of it runs. */
export interface BoxRecord {
  readonly slot: number;
  /** In the environment of the processes that build the box; they are found by it. */
  readonly nonce: string;
  /** For people. */
  readonly label: string;
  /** Its own uid, as root; null: its owner's. */
  readonly uid: number | null;
  /** Folders of its control groups. */
  readonly groups: readonly string[];
  readonly owner: ProcessIdentity;
  /** First process of its process namespace: when it ends, all of them end. Null until the box waits to be let go. */
  readonly init: ProcessIdentity | null;
}

/** Reads a record; null: that is none. */
export function parseRecord(text: string): BoxRecord | null {
  let value: Partial<BoxRecord>;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { slot, nonce, label, uid, groups, owner, init } = value;
  if (typeof slot !== 'number' || typeof nonce !== 'string' || typeof label !== 'string') return null;
  if (uid !== null && typeof uid !== 'number') return null;
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) return null;
  if (!isIdentity(owner) || (init !== null && !isIdentity(init))) return null;
  return { slot, nonce, label, uid, groups, owner, init };
}

function isIdentity(value: ProcessIdentity | undefined): value is ProcessIdentity {
  return (
    typeof value?.pid === 'number' && (value.start_time === null || typeof value.start_time === 'number')
  );
}

/** What the processes that build a box are found by. @param tag see `officeTag` */
export function markerOf(tag: string, { slot, nonce }: Pick<BoxRecord, 'slot' | 'nonce'>): string {
  return `${tag}/${slot}/${nonce}`;
}

/** Name of the control group that an office's boxes of a profile are in: what tools take together is weighed against all else. @param tag see `officeTag` */
export function officeGroup(tag: string, profile: ProfileName): string {
  return profile === 'tool' ? `tabbify-${tag}-tools` : `tabbify-${tag}`;
}

/** Names of all control groups that boxes of an office are in. @param tag see `officeTag` */
export function officeGroups(tag: string): readonly string[] {
  return [officeGroup(tag, 'app'), officeGroup(tag, 'tool')];
}

/** Short name of an office, for whatever its boxes have outside its home; it tells nobody where the home is. */
export function officeTag(home: string): string {
  return bytesToHex(sha256(utf8ToBytes(home))).slice(0, 12); // not by node:crypto, which takes a cold start 5 ms to load
}
