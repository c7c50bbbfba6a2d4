import type { CliCommand } from '../command.ts';
import { localMoment } from '../terminal/local-time.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';

export const grantsCommand: CliCommand = {
  usage: 'grants <app>',
  summary: 'List what an app was granted, and by whom',
  async run(context, [named = '']) {
    const client = await context.client();
    const app = await client.findApp(named);
    const grants = await client.approvals.grants(app.uuid);
    if (context.json) return context.printJson({ grants });
    const { paint } = context;
    if (grants.length === 0) {
      context.print(`${printable(app.name)} was granted nothing: it can reach nothing.`);
      return;
    }
    const rows = grants.flatMap((grant) => {
      const by = grant.granted_by.length === 0 ? '' : ` by ${grant.granted_by.join(' and ')}`;
      const only = grant.deployment_id === null ? '' : ', for one deployment only';
      const beside = grant.beside_manifest ? ', beside its manifest' : '';
      const risk = grant.risk === 'high' ? `${paint(['bold', 'red'], 'high risk:')} ` : '';
      return [
        [paint('bold', printable(grant.capability)), `${risk}${printable(grant.text)}`],
        ['', paint('dim', printable(`${localMoment(grant.granted_at)}${by}${only}${beside}`))],
      ];
    });
    context.print(...tableLines(rows, columnsOf(context.io.stdout)));
  },
};
