import { type AppState, placementsOf } from '../../state/index.ts';
import { type AppNow, addFigures, latencyAt, NO_FIGURES } from '../../supervisor/index.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';

/** What one of its hosts says of an app. */
export interface HostFigures extends AppNow {
  readonly supervisor: string;
}

/** By app, as its hosts say, in the order of `placementsOf`; a host that is away says nothing. */
export async function figuresOf(
  apps: readonly AppState[],
  supervisors: Pick<SupervisorClient, 'metrics'>,
): Promise<ReadonlyMap<string, readonly HostFigures[]>> {
  const placed = apps.map((app) => ({
    uuid: app.uuid,
    hosts: placementsOf(app).map(({ assignment }) => assignment.supervisor),
  }));
  const hosts = [...new Set(placed.flatMap((each) => each.hosts))];
  const told = await Promise.all(
    hosts.map(async (host) => {
      const figures = await supervisors.metrics(host);
      return [host, new Map(figures.map((each) => [each.app, each]))] as const;
    }),
  );
  const byHost = new Map(told);
  return new Map(
    placed.map((each) => [
      each.uuid,
      each.hosts.flatMap((supervisor) => {
        const figures = byHost.get(supervisor)?.get(each.uuid);
        return figures === undefined ? [] : [{ ...figures, supervisor }];
      }),
    ]),
  );
}

/**
 * What an app does now on all its hosts together: rates, processor time and memory add up, and the latencies are those of all
 * its answers.
 */
export function summedNow(figures: readonly AppNow[]) {
  const nows = figures.flatMap(({ now }) => (now === null ? [] : [now]));
  const sum = (of: (now: (typeof nows)[number]) => number) =>
    Math.round(nows.reduce((all, now) => all + of(now), 0) * 1000) / 1000;
  const { buckets } = nows
    .map((now) => ({ ...NO_FIGURES, buckets: now.buckets }))
    .reduce(addFigures, NO_FIGURES);
  const memories = figures.flatMap(({ memory_bytes }) => memory_bytes ?? []);
  return {
    requests_per_sec: sum((now) => now.requests_per_sec),
    errors_per_sec: sum((now) => now.errors_per_sec),
    fuel_per_sec: sum((now) => now.fuel_per_sec),
    p50_ms: latencyAt(buckets, 0.5),
    p99_ms: latencyAt(buckets, 0.99),
    cpu_percent: sum((now) => now.cpu_percent),
    memory_bytes: memories.length === 0 ? null : memories.reduce((all, each) => all + each, 0),
    restarts: figures.reduce((all, { total }) => all + total.restarts, 0),
  };
}
