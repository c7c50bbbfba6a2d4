import { CpuAccount, type CpuBounds } from './cpu-account.ts';

/** What a watch looks at. */
export interface WatchedCpu {
  readonly bounds: CpuBounds;
  /** Milliseconds that the app has used so far. */
  readonly cpuMs: () => number;
  /** Has the app answer in the next turn of its event loop. */
  readonly ask: () => Promise<void>;
  /** Called once. */
  readonly onExhausted: (bound: 'turn' | 'minute') => void;
}

/** Milliseconds between two looks at an app that uses the CPU. */
const BUSY_MS = 50;
/**
 * Graces between two looks at an app that rests. A loop may begin right behind a look, by a timer, with no request to tell of it: what
 * it has used by the next one is not known to be without a turn, so that it comes on top of the bound.
 */
const GRACES_AT_REST = 3;
/** Milliseconds; a timer that is shorter is none. */
const SHORTEST_MS = 2;

/** Ends when told; looks at its app without end, at rest every 150 ms where the bound is a second, which is a thousandth of a core. */
export interface CpuWatch {
  /** Something begins: looks more often, as long as CPU is used. */
  wake(): void;
  stop(): void;
}

/** Watches what an app uses of the CPU. */
export function watchCpu({ bounds, cpuMs, ask, onExhausted }: WatchedCpu): CpuWatch {
  const account = new CpuAccount(bounds);
  const busyMs = Math.min(BUSY_MS, account.graceMs);
  const restingMs = account.graceMs * GRACES_AT_REST;
  let last = 0;
  let everyMs = busyMs;
  let timer: NodeJS.Timeout | null = null;

  const schedule = (ms: number): void => {
    timer = setTimeout(look, ms);
    timer.unref();
  };
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  function look(): void {
    const used = cpuMs();
    const verdict = account.look(performance.now(), used);
    if (verdict === 'turn_exhausted' || verdict === 'minute_exhausted') {
      stop();
      onExhausted(verdict === 'turn_exhausted' ? 'turn' : 'minute');
      return;
    }
    if (verdict === 'ask') void ask().then(() => account.answered());
    const isBusy = account.isAsking || used - last > everyMs / 10;
    last = used;
    everyMs = isBusy ? busyMs : Math.min(everyMs * 2, restingMs);
    // One core is used no faster than time goes by: what is left of the bound is not over before.
    schedule(Math.max(SHORTEST_MS, Math.min(everyMs, account.leftMs(used))));
  }
  schedule(everyMs);
  return {
    wake() {
      if (everyMs === busyMs || timer === null) return;
      everyMs = busyMs;
      stop();
      schedule(everyMs);
    },
    stop,
  };
}
