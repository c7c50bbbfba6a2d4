import type { StoredEvent } from '../../log/index.ts';
import type { InstanceState, OfficeState } from '../office-state.ts';
import { hostSegment } from '../segments.ts';
import type { Changes } from './changes.ts';

export const instanceChanges: Changes<'app_started' | 'app_stopped' | 'app_crashed'> = {
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
    observe(state, data.app, event, {
      ...ended(state, data.app, data.generation),
      state: 'stopped',
      since: event.time,
      reason: data.reason,
      logTail: [],
    });
  },
  app_crashed(state, data, event) {
    observe(state, data.app, event, {
      ...ended(state, data.app, data.generation),
      state: 'crashed',
      since: event.time,
      reason: data.signal === null ? `it ended with code ${data.code}` : `it was ended by ${data.signal}`,
      logTail: data.log_tail,
    });
  },
};

/**
 * The old instance of a deploy ends after the new one serves: what is said of a lower generation is over. A host speaks
 * only of the apps it was given.
 */
function observe(state: OfficeState, uuid: string, event: StoredEvent, instance: InstanceState): void {
  const app = state.apps.get(uuid);
  if (!app?.assignment || event.segment !== hostSegment(app.assignment.supervisor)) return;
  if (instance.generation < (app.instance?.generation ?? 0)) return;
  app.instance = instance;
}

/** An instance that runs no more; the version is that of its generation, where it is known. */
function ended(state: OfficeState, uuid: string, generation: number) {
  const app = state.apps.get(uuid);
  const known = [app?.instance, app?.assignment].find((one) => one?.generation === generation);
  return { generation, version: known?.version ?? 0, pid: null, adopted: false };
}
