import type { CliCommand } from '../command.ts';
import { printable } from '../terminal/style.ts';

export const revokeCommand: CliCommand = {
  usage: 'revoke <app> <capability>',
  summary: 'Take back what an app was granted: the running app loses it at once',
  details:
    'Its next deployment asks for it again. Needs the scope `approve`.\nExample: tabbify approvals revoke shop http:api.stripe.com',
  async run(context, [named = '', capability = '']) {
    const client = await context.client();
    const { uuid, name } = await client.findApp(named);
    await client.approvals.revoke(uuid, capability);
    if (context.json) return context.printJson({ uuid, revoked: capability });
    context.print(`Taken back from ${printable(name)}: ${printable(capability)}`);
  },
};
