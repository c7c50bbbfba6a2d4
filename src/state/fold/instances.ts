import type { StoredEvent } from '../../log/index.ts';
import type { InstanceState, OfficeState } from '../office-state.ts';
import type { Changes } from './changes.ts';
import { placementFrom } from './placed.ts';

export const instanceChanges: Changes<'app_started' | 'app_stopped' | 'app_idled' | 'app_crashed'> = {
  app_started(state, data, event) {
    observe(state, data.app, event, {
      state: 'running',
      generation: data.generation,
      version: data.version,
      pid: data.pid,
      adopted: data.adopted,
      since: event.time,
      reason: null,
      logTail: [],
    });
  },
  app_stopped(state, data, event) {
    ended(state, data, event, 'stopped', data.reason, []);
  },
  app_idled(state, data, event) {
    ended(state, data, event, 'stopped', 'idle', []);
  },
  app_crashed(state, data, event) {
    const { code, signal, log_tail: logTail } = data;
    const reason = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
    ended(state, data, event, 'crashed', reason, logTail);
  },
};

/** An instance that runs no more; the version is that of its generation, where it is known. */
function ended(
  state: OfficeState,
  { app: uuid, generation }: { readonly app: string; readonly generation: number },
  event: StoredEvent,
  how: 'stopped' | 'crashed',
  reason: string,
  logTail: readonly string[],
): void {
  const { instance, assignment } = placementFrom(state, uuid, event) ?? {};
  const known = instance?.generation === generation ? instance : assignment;
  const version = known?.generation === generation ? known.version : 0;
  const since = event.time;
  observe(state, uuid, event, {
    state: how,
    generation,
    version,
    pid: null,
    adopted: false,
    since,
    reason,
    logTail,
  });
}

/** The old instance of a deploy ends after the new one serves: what is said of a lower generation is over. */
function observe(state: OfficeState, app: string, event: StoredEvent, instance: InstanceState): void {
  const placement = placementFrom(state, app, event);
  if (placement === null || instance.generation < (placement.instance?.generation ?? 0)) return;
  placement.instance = instance;
  if (instance.state !== 'running') return;
  const { failures } = placement.assignment.restart;
  placement.assignment.restart = { status: 'running', failures, retryAt: null };
}
