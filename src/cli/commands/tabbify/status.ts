import { waitingHints } from '../../approvals/waiting-hints.ts';
import type { CliCommand } from '../../command.ts';
import { logLine } from '../../events/log-line.ts';
import { lackLine, refusedLine, runtimeLine } from '../../hosts/runtime-line.ts';
import { localTime } from '../../terminal/local-time.ts';
import { EXIT_FAILED } from '../../terminal/print-error.ts';
import { columnsOf } from '../../terminal/prose.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

export const status: CliCommand = {
  usage: 'status',
  summary: 'Say whether the office is open, where its parts are and what runs',
  details: 'Exit code 1 when the office does not answer.',
  async run(context) {
    const { readOfficeFile } = await import('../../client/address.ts');
    const client = await context.client();
    const record = await readOfficeFile(context.home);
    const local = record !== null && record.node_url === client.url ? record : null;
    if (!(await client.healthy())) {
      if (context.json) {
        context.printJson({ open: false, node_url: client.url, home: context.home });
        return EXIT_FAILED;
      }
      await client.apps(); // throws what is wrong, in three parts
    }
    const [apps, hosts, log] = await Promise.all([client.apps(), client.supervisors(), client.log.show()]);
    const running = apps.filter((app) => app.state === 'running').length;
    if (context.json) {
      context.printJson({
        open: true,
        node_url: client.url,
        home: context.home,
        office: local,
        hosts,
        apps: apps.length,
        running,
        position: log.head,
        log,
      });
      return;
    }
    const { paint } = context;
    const office =
      local === null
        ? 'open, elsewhere'
        : `open  ${paint('dim', `process ${local.pid}, Tabbify ${local.version}, since ${localTime(local.started_at)}`)}`;
    context.print(
      ...tableLines(
        [
          ['office', paint('green', office)],
          ['node', client.url],
          ...(local === null
            ? []
            : [
                ['gateway', local.gateway_url],
                ['supervisor', local.supervisor_url],
                ['home', context.home],
              ]),
          [
            'hosts',
            hosts.map((host) => `${host.name} (${host.state}: ${host.tags.join(', ')})`).join(', ') || 'none',
          ],
          ...hosts.flatMap((host) => [
            ...host.runtimes.flatMap((runtime) => {
              const lack = lackLine(runtime, host.name);
              const holds = ['walls', `${runtimeLine(runtime)}, on ${host.name}`];
              return lack === null ? [holds] : [holds, ['walls', printable(lack)]];
            }),
            ...host.refused.map((refused) => ['walls', printable(refusedLine(refused, host.name))]),
          ]),
          ['apps', `${apps.length}, ${running} running`],
          ['log', logLine(log)],
        ],
        columnsOf(context.io.stdout),
      ),
      apps.length === 0
        ? 'Next: `tcli push <dir>`, or `tabbify chat "a page for my bakery"`.'
        : 'See `tabbify apps` and `tabbify events`.',
      ...waitingHints(apps),
    );
  },
};
