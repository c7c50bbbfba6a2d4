import type { Clock } from '../../kit/index.ts';
import type { Presence } from '../../supervisor/index.ts';

/** Supervisors announce themselves every 30 s; three missed announcements mean away. */
const AWAY_AFTER_MS = 95_000;

/** A supervisor that has announced where it answers. Kept in memory only: its control key is on no disk. */
export interface PresentSupervisor extends Presence {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
}

/** Which supervisors are there now. */
export interface Presences {
  announce(name: string, presence: Presence): void;
  /** It has ended, or its credential has: it is not there until it announces itself anew. */
  forget(name: string): void;
  /** @returns undefined for one that never announced itself to this node, or not for too long */
  of(name: string): PresentSupervisor | undefined;
  /** Waits a moment for one that is about to come back, e.g. after the node was started again. */
  waitFor(name: string, timeoutMs: number): Promise<PresentSupervisor | undefined>;
}

export function createPresences(clock: Clock): Presences {
  const present = new Map<string, PresentSupervisor>();
  const waiting = new Set<(name: string) => void>();

  function of(name: string): PresentSupervisor | undefined {
    const found = present.get(name);
    return found !== undefined && clock.now() - found.seenAt < AWAY_AFTER_MS ? found : undefined;
  }

  return {
    of,
    announce(name, presence) {
      present.set(name, { ...presence, name, seenAt: clock.now() });
      for (const look of [...waiting]) look(name);
    },
    forget: (name) => void present.delete(name),
    waitFor(name, timeoutMs) {
      const found = of(name);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(of(name));
        };
        const look = (announced: string) => {
          if (announced === name) done();
        };
        const timer = setTimeout(done, timeoutMs);
        waiting.add(look);
      });
    },
  };
}
