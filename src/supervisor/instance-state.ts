import type { Activity } from './activity.ts';
import { type AppMemory, blankMemory } from './app-memory.ts';
import { grantView, type ToldGrant } from './grant-view.ts';
import type { InstanceContext, StartFailure } from './instance-context.ts';
import { createLane, type Lane } from './lane.ts';
import type { LiveRunner } from './live-runner.ts';
import type { Assignment } from './protocol.ts';
import type { InstanceView } from './reconcile.ts';
import type { Trouble } from './restarts.ts';

/** For one generation. */
export interface ToldDenials {
  readonly generation: number;
  readonly entries: Set<string>;
}

/** What is known of why an app is not up; when it may be tried again follows from its trouble. */
export type KnownFailure = Omit<StartFailure, 'retryAt'>;

/** What an instance has in hand. Its parts (bring-up, take-down, …) change it, one piece of work at a time in the lane. */
export interface InstanceState {
  readonly context: InstanceContext;
  readonly lane: Lane;
  memory: AppMemory;
  /** Resolves when what is remembered so far is on disk. */
  saving: Promise<unknown>;
  /** The runner that serves. */
  current: LiveRunner | null;
  activity: Activity | null;
  /** Runners that are on their way out. */
  readonly draining: Set<LiveRunner>;
  launching: boolean;
  /** Ends of runners that were noticed and not yet told. */
  unsettledEnds: number;
  failure: KnownFailure | null;
  lastError: string | null;
  /** Null: none was told since the start. */
  told: ToldGrant | null;
  /** Entries that its app was denied, as far as they were told. */
  denied: ToldDenials;
  /**
   * Its secrets could not be had: nothing that counts against the app. Unasked it is tried again with the back-off of restarts, by a request
   * at once. Forgotten with the supervisor.
   */
  waits: Trouble | null;
  /** See `InstanceView.held`. */
  held: boolean;
  /** See `InstanceView.overriddenStop`. */
  overriddenStop: number;
}

export function blankState(context: InstanceContext): InstanceState {
  return {
    context,
    lane: createLane(),
    memory: blankMemory,
    saving: Promise.resolve(),
    current: null,
    activity: null,
    draining: new Set(),
    launching: false,
    unsettledEnds: 0,
    failure: null,
    lastError: null,
    told: null,
    denied: { generation: 0, entries: new Set() },
    waits: null,
    held: false,
    overriddenStop: 0,
  };
}

/** The assignment to run: the desired one, or the last good one while that has failed. */
export function chosen({ context, memory }: InstanceState): Assignment | null {
  const desired = context.desired() ?? null;
  if (desired === null) return null;
  const gaveUp = memory.outcome === 'failed' && memory.generation === desired.generation;
  return gaveUp && memory.good !== null ? memory.good : desired;
}

/** Of what should run now; a deployment begins without any. */
export function troubleNow({ context, memory }: InstanceState): Trouble | null {
  const generation = context.desired()?.generation ?? memory.generation;
  return memory.trouble?.generation === generation ? memory.trouble : null;
}

/** Of what should run now. */
export function waitsNow({ context, memory, waits }: InstanceState): Trouble | null {
  const generation = context.desired()?.generation ?? memory.generation;
  return waits?.generation === generation ? waits : null;
}

export function viewNow(state: InstanceState, desired: Assignment | null): InstanceView {
  const { memory, activity, held, overriddenStop } = state;
  const gaveUp = memory.outcome === 'failed' && memory.generation === desired?.generation;
  return {
    running: activity?.view() ?? null,
    settled: memory.generation,
    gaveUp: gaveUp && memory.good === null,
    fallback: memory.outcome === 'failed' ? memory.good : null,
    trouble: waitsNow(state) ?? troubleNow(state),
    grant: grantView(state.current, state.told, memory.outcome === 'failed' ? null : desired),
    ...{ held, overriddenStop },
    restarted: memory.restarted,
    reset: memory.reset,
    purged: memory.purged,
  };
}

/** Digests of the artifacts it runs or may run. */
export function artifactsOf({ context, memory, current }: InstanceState): readonly string[] {
  const known = [context.desired()?.digest, memory.good?.digest, current?.record.artifact_digest];
  return known.filter((digest) => digest !== undefined);
}

/** Work nobody waits for: what goes wrong in it is logged. */
export function aside({ context }: InstanceState, work: Promise<unknown>, what: string): void {
  work.catch((error: unknown) => context.logger.error({ app: context.app, err: error }, what));
}
