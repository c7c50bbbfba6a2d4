import type { CliCommand } from '../command.ts';
import { approvalLines } from './approval-lines.ts';
import { approvalNamed } from './approval-named.ts';

export const showCommand: CliCommand = {
  usage: 'show <id>',
  summary: 'Show what is to be decided, and what was said',
  async run(context, [id = '']) {
    const { approvals } = await context.client();
    const approval = await approvalNamed(approvals, id);
    if (context.json) return context.printJson(approval);
    context.print(...approvalLines(context, approval));
  },
};
