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

/** Milliseconds between two looks at an app that rests. */
const RESTING_MS = 1_000;
const BUSY_MS = 50;

/** Ends when told; costs a look in a second while its app rests. */
export interface CpuWatch {
  /** Something begins: looks more often, as long as CPU is used. */
  wake(): void;
  stop(): void;
}

/** Watches what an app uses of the CPU. */
export function watchCpu({ bounds, cpuMs, ask, onExhausted }: WatchedCpu): CpuWatch {
  const account = new CpuAccount(bounds);
  const busyMs = Math.min(BUSY_MS, account.graceMs);
  let last = 0;
  let everyMs = busyMs;
  let timer: NodeJS.Timeout | null = null;

  const schedule = (): void => {
    timer = setTimeout(look, everyMs);
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
    everyMs = isBusy ? busyMs : Math.min(everyMs * 2, RESTING_MS);
    schedule();
  }
  schedule();
  return {
    wake() {
      if (everyMs === busyMs || timer === null) return;
      everyMs = busyMs;
      stop();
      schedule();
    },
    stop,
  };
}
