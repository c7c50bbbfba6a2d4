import { parseHostEntry } from '../app/index.ts';
import { aside, type InstanceState } from './instance-state.ts';

/** Entries of a generation that are told; an app that invents hosts is not to fill the office's log, however often it is started. */
const MAX_TOLD = 50;

/** Tells the office what the app was denied, each once for its generation. */
export function tellDenied(state: InstanceState): void {
  const { activity, context, current } = state;
  if (activity === null || current === null) return;
  const { app, observer, outbox } = context;
  const { generation } = current.record;
  if (state.denied.generation !== generation) state.denied = { generation, entries: new Set() };
  const { entries } = state.denied;
  for (const { entry, times } of activity.denied()) {
    if (entries.has(entry) || entries.size >= MAX_TOLD || parseHostEntry(entry) === null) continue;
    entries.add(entry);
    const event = observer.denied({ app, generation, entry, times });
    aside(state, outbox.send(event), 'a denial was not told');
  }
}
