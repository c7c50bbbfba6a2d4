/**
 * First uid that boxes may have. From here to `LAST` no distribution and no tool of systemd allocates users: below lie system and
 * dynamic users, `subuid` ranges and the ranges of systemd-nspawn (up to 0x6FFFFFFF), above lie the users of foreign images
 * (from 0x7FFE0000) and numbers that do not fit 31 bits (systemd.io/UIDS-GIDS).
 */
const FIRST = 0x7000_0000;
const LAST = 0x7ffd_ffff;

/** Boxes that one office may have at a time. */
export const UIDS_PER_OFFICE = 4096;

/** How many offices a machine has room for. */
export const RANGES = Math.floor((LAST - FIRST + 1) / UIDS_PER_OFFICE);

/** Uid of box `slot` of the office that has the range. */
export function uidOf(range: number, slot: number): number {
  if (range < 0 || range >= RANGES || slot < 0 || slot >= UIDS_PER_OFFICE) {
    throw new RangeError(`no uid ${slot} of range ${range}`);
  }
  return FIRST + range * UIDS_PER_OFFICE + slot;
}

/** Which box of its office has a uid that is in a range. */
export function slotOfUid(uid: number): number {
  return (uid - FIRST) % UIDS_PER_OFFICE;
}

/** In which range this uid is; null: in none. */
export function rangeOfUid(uid: number): number | null {
  if (uid < FIRST || uid >= FIRST + RANGES * UIDS_PER_OFFICE) return null;
  return Math.floor((uid - FIRST) / UIDS_PER_OFFICE);
}
