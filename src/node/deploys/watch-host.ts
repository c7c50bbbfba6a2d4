import type { Presences } from '../supervisors/presences.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';

/** How long a deployment waits for a host (milliseconds). */
export interface HostWaits {
  /** On top of the app's own readiness time: to fetch, to start, to report. */
  readonly graceMs: number;
  /** For a host that is not there to come back. */
  readonly awayMs: number;
  /** Between two looks. */
  readonly everyMs: number;
}

export const HOST_WAITS: HostWaits = { graceMs: 90_000, awayMs: 20_000, everyMs: 1_000 };

export interface HostWatchTools {
  readonly presences: Pick<Presences, 'of'>;
  /** `look` must not reject. */
  readonly supervisors: Pick<SupervisorClient, 'look'>;
}

/**
 * Watches whether a host is there, so that a deployment does not wait for one that is not. What was killed has not said that
 * it goes: it is looked for.
 *
 * @returns `away` aborts when it was not there for `awayMs`, without a break; `stop` ends the watch
 */
export function watchHost(
  { presences, supervisors }: HostWatchTools,
  supervisor: string,
  { awayMs, everyMs }: HostWaits,
): { readonly away: AbortSignal; stop(): void } {
  const away = new AbortController();
  let missingMs = 0;
  const timer = setInterval(() => {
    missingMs = presences.of(supervisor) === undefined ? missingMs + everyMs : 0;
    if (missingMs >= awayMs) away.abort();
    else if (missingMs === 0) void supervisors.look(supervisor);
  }, everyMs);
  timer.unref();
  return { away: away.signal, stop: () => clearInterval(timer) };
}
