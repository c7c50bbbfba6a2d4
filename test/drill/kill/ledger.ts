import { expectKept } from '../drill.ts';

/** What was promised to a writer. */
export interface Promised {
  readonly position: number;
  /** The body as JSON. */
  readonly data: string;
}

/** Everything that was acknowledged, from all sides: what must be there after a death. */
export interface Ledger {
  readonly promised: ReadonlyMap<string, Promised>;
  /** Acknowledgements so far, repeats included. */
  readonly count: number;
  /** @throws Broken when the same id was promised another position before */
  note(id: string, position: number, data: string): void;
  /** Calls once, in the turn in which the count is reached. */
  at(count: number, then: () => void): void;
}

export function createLedger(): Ledger {
  const promised = new Map<string, Promised>();
  let count = 0;
  let alarm: { readonly count: number; readonly then: () => void } | null = null;
  return {
    promised,
    get count() {
      return count;
    },
    note(id, position, data) {
      const before = promised.get(id);
      expectKept(
        before === undefined || before.position === position,
        () => `event ${id} was promised position ${before?.position}, then ${position}`,
      );
      promised.set(id, { position, data });
      count += 1;
      if (alarm !== null && count >= alarm.count) {
        const { then } = alarm;
        alarm = null;
        then();
      }
    },
    at(wanted, then) {
      alarm = { count: wanted, then };
    },
  };
}
