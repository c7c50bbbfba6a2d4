import type { StateReply } from '../client/events.ts';
import type { Paint } from '../terminal/style.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';

type App = StateReply['apps'][number];
type Placement = App['placements'][number];

/** The office as it was, for people: hosts, and of each app its version, where it ran and how it was. */
export function officeLines(state: StateReply, paint: Paint, columns: number): string[] {
  const heading = (cells: readonly string[]) => cells.map((cell) => paint('dim', cell));
  const hosts = state.supervisors.map(({ name, tags }) => [printable(name), printable(tags.join(', '))]);
  const apps = state.apps.flatMap((app) => {
    const files = filesInPlace(state, app);
    if (files !== null) {
      const version = files === app.latest_version ? String(files) : `${files} of ${app.latest_version}`;
      return [[printable(app.slug), paint('green', 'serving'), version, '–', 'static files', app.uuid]];
    }
    return placesOf(app).map((placement) => [
      printable(app.slug),
      howItWas(app, placement, paint),
      versionOf(app, placement),
      printable(placement?.assignment.supervisor ?? '–'),
      printable(placement?.assignment.runtime ?? '–'),
      app.uuid,
    ]);
  });
  return [
    `The office after event ${state.position}`,
    '',
    ...(hosts.length === 0
      ? ['No host had joined.']
      : tableLines([heading(['HOST', 'CAN RUN']), ...hosts], columns)),
    '',
    ...(apps.length === 0
      ? ['There were no apps.']
      : tableLines([heading(['APP', 'STATE', 'VERSION', 'HOST', 'RUNTIME', 'ID']), ...apps], columns)),
  ];
}

/** Version of static files alone that were in place: no host had them. */
function filesInPlace({ deployments }: StateReply, { in_place: id }: App): number | null {
  const inPlace = deployments.find((deployment) => deployment.id === id);
  return inPlace?.results.length === 0 ? inPlace.version : null;
}

/** A line for each host that had it; one for an app that no host had. */
function placesOf({ placements }: App): (Placement | null)[] {
  const kept = placements.filter(({ assignment }) => !assignment.purged);
  return kept.length === 0 ? [null] : kept;
}

/** `3`, or `3 of 5` when newer ones were published than the one in place. */
function versionOf({ latest_version: latest }: App, placement: Placement | null): string {
  if (placement === null) return latest === 0 ? '–' : `${latest} published`;
  const { version } = placement.assignment;
  return version === latest ? String(latest) : `${version} of ${latest}`;
}

function howItWas({ open_deployments: open }: App, placement: Placement | null, paint: Paint): string {
  if (placement === null) return open.length > 0 ? 'deploying' : 'not deployed';
  const { assignment, instance } = placement;
  if (assignment.stopped) return 'stopped';
  if (assignment.outcome === 'failed') return paint('red', 'failed');
  if (instance?.state === 'running') return paint('green', 'running');
  if (instance?.state === 'crashed') return paint('red', 'crashed');
  return assignment.outcome === null ? 'starting' : 'idle';
}
