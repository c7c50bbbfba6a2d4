/** Whose version. */
export interface Place {
  readonly office: string;
  readonly app: string;
}

/**
 * What pushes under way will take of the quotas. Whoever finds room reserves it in the same breath, so that of two pushes at once
 * the second one counts the first.
 */
export interface Reservations {
  /** Bytes. */
  ofApp(place: Place): number;
  /** Bytes. */
  ofOffice(office: string): number;
  /** @param bytes of the version's files @returns gives them back; can be repeated */
  reserve(place: Place, bytes: number): () => void;
}

export function createReservations(): Reservations {
  const held = new Set<Place & { readonly bytes: number }>();
  const sum = (isCounted: (each: Place) => boolean) =>
    [...held].filter(isCounted).reduce((total, { bytes }) => total + bytes, 0);
  return {
    ofApp: ({ office, app }) => sum((each) => each.office === office && each.app === app),
    ofOffice: (office) => sum((each) => each.office === office),
    reserve({ office, app }, bytes) {
      const entry = { office, app, bytes };
      held.add(entry);
      return () => void held.delete(entry);
    },
  };
}
