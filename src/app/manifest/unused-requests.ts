import type { Manifest } from './model.ts';

/**
 * What a manifest asks for that this version reads and does not act on yet.
 *
 * @returns keys of the manifest, e.g. `['schedule']`
 */
export function unusedRequests({ capabilities, schedule, secrets }: Manifest): readonly string[] {
  const asked = {
    'capabilities.subscribe_segments': capabilities.subscribeSegments,
    'capabilities.emit_segments': capabilities.emitSegments,
    'capabilities.actions': capabilities.actions,
    schedule,
    'secrets.inject = false': secrets.filter(({ inject }) => !inject),
  };
  return Object.entries(asked).flatMap(([key, values]) => (values.length > 0 ? [key] : []));
}
