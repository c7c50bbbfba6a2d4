import type { StateReply } from '../client/events.ts';
import type { Paint } from '../terminal/style.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';

type App = StateReply['apps'][number];

/** The office as it was, for people: hosts, and of each app its version, where it ran and how it was. */
export function officeLines(state: StateReply, paint: Paint, columns: number): string[] {
  const heading = (cells: readonly string[]) => cells.map((cell) => paint('dim', cell));
  const hosts = state.supervisors.map(({ name, tags }) => [printable(name), printable(tags.join(', '))]);
  const apps = state.apps.map((app) => [
    printable(app.slug),
    howItWas(app, paint),
    versionOf(app),
    printable(app.assignment?.supervisor ?? '–'),
    printable(app.assignment?.runtime ?? '–'),
    app.uuid,
  ]);
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

/** `3`, or `3 of 5` when newer ones were published than the one in place. */
function versionOf({ assignment, latest_version: latest }: App): string {
  if (assignment === null) return latest === 0 ? '–' : `${latest} published`;
  return assignment.version === latest ? String(latest) : `${assignment.version} of ${latest}`;
}

function howItWas({ assignment, instance, open_deployments: open }: App, paint: Paint): string {
  if (assignment === null) return open.length > 0 ? 'deploying' : 'not deployed';
  if (assignment.stopped) return 'stopped';
  if (assignment.outcome === 'failed') return paint('red', 'failed');
  if (instance?.state === 'running') return paint('green', 'running');
  if (instance?.state === 'crashed') return paint('red', 'crashed');
  return assignment.outcome === null ? 'starting' : 'idle';
}
