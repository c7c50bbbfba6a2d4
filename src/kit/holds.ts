/** Keeps something from being done as long as somebody holds it. */
export interface Holds {
  readonly areThere: boolean;
  /** @returns ends this hold; a second call changes nothing */
  take(): () => void;
}

/** @param onFree called when the last hold has ended */
export function createHolds(onFree: () => void): Holds {
  let held = 0;
  return {
    get areThere() {
      return held > 0;
    },
    take() {
      held += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        held -= 1;
        if (held === 0) onFree();
      };
    },
  };
}
