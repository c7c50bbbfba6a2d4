import type { Clock } from '../kit/index.ts';
import { type DeniedHost, sendControl } from '../runner/index.ts';
import type { LiveRunner } from './live-runner.ts';
import type { RunningView } from './reconcile.ts';

/** What is known of how a runner does: whether it answers, and when somebody last asked for its app. */
export interface Activity {
  view(): RunningView;
  /** A request is on its way to it. */
  touch(): void;
  /** What its app was denied, as it has said last. */
  denied(): readonly DeniedHost[];
  /** Asks how it does, and for its figures; one round of the monitor. Never rejects. */
  look(): Promise<void>;
}

/** Less than the time between rounds, so that they do not pile up. */
const HEALTH_TIMEOUT_MS = 4_000;

/** Begins with a runner that serves now. */
export function watchActivity(runner: LiveRunner, clock: Clock): Activity {
  const since = clock.now();
  let activeAt = since;
  let lookedAt = since;
  let silentRounds = 0;
  let requests: number | null = null;
  let denied: readonly DeniedHost[] = [];

  /** Null: it does not answer, or says that it is not well; the log of its app has the reason. */
  async function figures(): Promise<Readonly<Record<string, number>> | null> {
    try {
      const health = await sendControl(runner.record.socket, { cmd: 'health' }, HEALTH_TIMEOUT_MS);
      if (health.reply !== 'health') return {};
      denied = health.denied ?? [];
      return health.ok ? health.stats : null;
    } catch {
      return null;
    }
  }

  return {
    view: () => ({
      generation: runner.record.generation,
      ...{ since, activeAt, lookedAt, silentRounds },
      outdated: runner.outdated,
    }),
    denied: () => denied,
    touch() {
      activeAt = clock.now();
    },
    async look() {
      if (runner.outdated) return; // it stays as active as it was when it was taken over
      const stats = await figures();
      if (stats === null) {
        silentRounds += 1;
        return;
      }
      silentRounds = 0;
      lookedAt = clock.now();
      const served = stats.requests ?? null;
      const underWay = stats.in_flight ?? stats.instances_busy ?? 0;
      // Without figures nobody can say that it rests.
      if (served === null || served !== requests || underWay > 0) activeAt = lookedAt;
      requests = served;
    },
  };
}
