import type { AppReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import { runtimeText, stateText } from './app-state.ts';

/** One app with all that is known of it on each of its hosts. */
export function appLines(context: Context, app: AppReply): string[] {
  const { paint } = context;
  const columns = columnsOf(context.io.stdout);
  const version = app.version === null ? 'not deployed' : `version ${app.version}`;
  const facts = [
    ['url', paint(['bold', 'cyan'], app.url)],
    ['path', paint('cyan', app.path_url)],
    ['uuid', app.uuid],
    ['runtime', runtimeText(app)],
    ['lifecycle', app.lifecycle ?? '-'],
    ['visibility', app.visibility ?? '-'],
  ];
  const head = ['HOST', 'STATE', 'VERSION', 'RUNTIME', 'VISITORS'].map((text) => paint('dim', text));
  const rows = app.instances.map((instance, index) => [
    `  ${printable(instance.supervisor)}`,
    stateText(context, instance, index === 0 ? (app.restart_count ?? 0) : null),
    String(instance.version),
    printable(instance.runtime),
    instance.in_rotation ? 'yes' : paint('yellow', 'none'),
  ]);
  const errors = app.instances.flatMap(({ supervisor, last_error: error }) =>
    error === null ? [] : [[`  ${printable(supervisor)}`, paint('red', printable(error))]],
  );
  return [
    `${paint('bold', printable(app.name))}  ${stateText(context, app, app.restart_count ?? 0)}  ${version}`,
    ...tableLines(
      facts.map(([name = '', text = '']) => [`  ${paint('dim', name)}`, text]),
      columns,
    ),
    ...(rows.length === 0 ? [] : tableLines([[`  ${head[0]}`, ...head.slice(1)], ...rows], columns)),
    ...tableLines(errors, columns),
  ];
}
