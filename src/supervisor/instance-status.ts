import { chosen, type InstanceState, troubleNow, viewNow } from './instance-state.ts';
import { lifeState } from './life-states.ts';
import type { InstanceStatus } from './protocol.ts';
import { restartStatus } from './restarts.ts';

/** How the API shows the states of a life. */
const SHOWN = {
  ...{ absent: 'idle', idle: 'idle', starting: 'starting', running: 'running' },
  ...{ waiting: 'failed', parked: 'failed', stopped: 'stopped' },
} as const satisfies Record<ReturnType<typeof lifeState>, InstanceStatus['state']>;

/** What `GET /v1/apps` says of an app. */
export function instanceStatus(state: InstanceState): InstanceStatus {
  const { context, current, launching, memory } = state;
  const assignment = chosen(state);
  const desired = context.desired() ?? null;
  const record = current?.record;
  const trouble = troubleNow(state);
  const life = lifeState(desired, viewNow(state, desired), launching && current === null);
  return {
    app: context.app,
    state: SHOWN[life],
    generation: record?.generation ?? assignment?.generation ?? memory.generation,
    version: record?.version ?? assignment?.version ?? 0,
    pid: record?.pid ?? null,
    adopted: current?.adopted ?? false,
    started_at: record?.started_at ?? null,
    restart_status: current === null ? restartStatus(trouble) : 'running',
    restart_count: trouble?.failures ?? 0,
    last_error: state.lastError,
  };
}
