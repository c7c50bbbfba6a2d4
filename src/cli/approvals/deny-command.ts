import type { CliCommand } from '../command.ts';
import { approvalNamed } from './approval-named.ts';

export const denyCommand: CliCommand<{ readonly reason?: string }> = {
  usage: 'deny <id>',
  summary: 'Say no; what was in place before stays',
  details: 'Needs the scope `approve`.',
  options: [{ flags: '--reason <text>', summary: 'why, for who asked' }],
  async run(context, [named = ''], { reason = '' }) {
    const { approvals } = await context.client();
    const { id } = await approvalNamed(approvals, named);
    const denied = await approvals.deny(id, reason);
    if (context.json) return context.printJson(denied);
    context.print('Denied.');
  },
};
