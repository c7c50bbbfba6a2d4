import { messageOf } from '../kit/index.ts';
import type { AppHealth, RunningApp } from '../runtimes/index.ts';

/** What a runner says of itself as long as it has no app. */
export const WELL: AppHealth = { ok: true, reason: null };
/** And of one that it is about to end: nobody asks the app any more. */
export const STOPPING: AppHealth = { ok: false, reason: 'it is being stopped' };
/** Milliseconds; less than those who ask wait for the reply. */
const HEALTH_MS = 2_000;

/** An app as its runner tells of it: whatever its runtime does, there is an answer. */
export interface WatchedApp {
  /** Within two seconds. Never rejects. */
  health(): Promise<AppHealth>;
  /** Never throws; empty when there are none. */
  stats(): Readonly<Record<string, number>>;
}

/** @param log told when the app falls ill, is well again, or its figures cannot be had; not each time somebody asks */
export function watchApp(app: RunningApp, log: (line: string) => void): WatchedApp {
  let lastReason: string | null = null;
  let isWithoutFigures = false;
  return {
    async health() {
      const health = await healthOf(app);
      if (health.reason !== lastReason)
        log(health.reason === null ? 'the app is well again' : `the app is not well: ${health.reason}`);
      lastReason = health.reason;
      return health;
    },
    stats() {
      try {
        return app.stats();
      } catch (error) {
        if (!isWithoutFigures) log(`the figures of the app cannot be had: ${messageOf(error)}`);
        isWithoutFigures = true;
        return {};
      }
    },
  };
}

async function healthOf(app: RunningApp): Promise<AppHealth> {
  const signal = AbortSignal.timeout(HEALTH_MS);
  const late = new Promise<AppHealth>((resolve) => {
    const reason = `its runtime does not say within ${HEALTH_MS / 1000} s how it does`;
    signal.addEventListener('abort', () => resolve({ ok: false, reason }));
  });
  try {
    return await Promise.race([app.health(signal), late]);
  } catch (error) {
    return { ok: false, reason: `its runtime cannot say how it does: ${messageOf(error)}` };
  }
}
