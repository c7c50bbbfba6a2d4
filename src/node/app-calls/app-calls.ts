import { mayCall, type OfficeState } from '../../state/index.ts';
import type { AppDirectory } from '../edge/app-directory.ts';
import type { EdgeCalls } from '../edge/edge-calls.ts';
import { callDenied, unknownApp } from '../edge/known-refusals.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Calling, CallKeys } from './call-keys.ts';

/** Apps that call each other, as the state has it at each moment. */
export interface AppCalls extends EdgeCalls {
  close(): void;
}

/** Who calls whom; there is one for each pair that has called, as long as it may. */
interface Standing extends Calling {
  readonly called: string;
  readonly ended: AbortController;
  /** The state in which it was allowed last; see `states`. */
  state: number;
}

const SHOWN = /^(?<key>\S{1,256}) (?<called>[0-9a-f-]{36})$/;

/**
 * Admits calls by the grants of the moment: what a host was told, and when, counts nothing here. What is open ends with the grant.
 */
export function createAppCalls(
  live: Pick<LiveState, 'office' | 'onEvent'>,
  apps: Pick<AppDirectory, 'byId'>,
  keys: CallKeys,
): AppCalls {
  const { office } = live;
  const standings = new Map<string, Standing>();
  /** Grows with whatever may have changed the state. */
  let states = 0;
  let isSweeping = false;

  /** Ends those that are allowed no more. */
  function sweep(): void {
    isSweeping = false;
    for (const [shown, standing] of standings) if (!isAllowed(standing)) end(shown, standing);
  }

  function isAllowed(standing: Standing): boolean {
    if (standing.state === states) return true;
    if (!mayCallNow(office, standing)) return false;
    standing.state = states;
    return true;
  }

  function end(shown: string, { ended }: Standing): void {
    standings.delete(shown);
    ended.abort();
  }

  const stop = live.onEvent((event) => {
    if (event.class === 'traffic') return; // never folded
    states++;
    if (isSweeping || standings.size === 0) return;
    isSweeping = true; // events come in bursts
    setImmediate(sweep);
  });

  function begin(shown: string): Standing {
    const { key = '', called = '' } = SHOWN.exec(shown)?.groups ?? {};
    const calling = keys.read(key);
    if (calling === null) throw unknownCall();
    const standing = { ...calling, called, ended: new AbortController(), state: states };
    if (!mayCallNow(office, standing)) throw callDenied();
    standings.set(shown, standing);
    return standing;
  }

  return {
    admit(shown) {
      const [only = ''] = shown;
      if (shown.length !== 1) throw unknownCall();
      const known = standings.get(only);
      if (known !== undefined && !isAllowed(known)) {
        end(only, known);
        throw callDenied();
      }
      const { app: caller, called, ended } = known ?? begin(only);
      const app = apps.byId(called);
      if (app === undefined) throw unknownApp(called);
      return { caller, app, ended: ended.signal };
    },
    close: stop,
  };
}

function mayCallNow(office: OfficeState, { app: id, supervisor, called }: Standing): boolean {
  const app = office.apps.get(id);
  return app !== undefined && mayCall(office, app, supervisor, called);
}

function unknownCall() {
  return nodeError('call_unknown', {
    what: 'No app of this office calls here',
    why: 'what was shown for it was not made by this node',
    hint: 'Apps call each other at http://<name>.tabbify.internal',
  });
}
