import { listLines } from '../../approvals/approval-lines.ts';
import { approveCommand } from '../../approvals/approve-command.ts';
import { denyCommand } from '../../approvals/deny-command.ts';
import { grantsCommand } from '../../approvals/grants-command.ts';
import { policyCommand } from '../../approvals/policy-command.ts';
import { revokeCommand } from '../../approvals/revoke-command.ts';
import { showCommand } from '../../approvals/show-command.ts';
import type { CliCommand } from '../../command.ts';

export const approvals: CliCommand<{ readonly all?: boolean }> = {
  usage: 'approvals',
  summary: 'List what waits for a yes; the commands below it decide, take back, and set the policy',
  details:
    'An id may be cut short where one approval alone begins so.\nExample: tabbify approvals show 476fc2b2',
  options: [{ flags: '--all', summary: 'also what was decided' }],
  commands: [
    showCommand,
    approveCommand,
    denyCommand,
    grantsCommand,
    revokeCommand,
    policyCommand,
  ] as readonly CliCommand[],
  async run(context, _args, { all = false }) {
    const client = await context.client();
    const list = await client.approvals.list(all ? {} : { status: 'open' });
    if (context.json) return context.printJson({ approvals: list });
    if (list.length === 0) {
      context.print(all ? 'Nothing had to be decided yet.' : 'Nothing waits for a yes.');
      return;
    }
    context.print(...listLines(context, list));
    const [first] = list;
    if (list.every(({ status }) => status === 'open'))
      context.print(`Decide: \`tabbify approvals approve ${first?.id}\``);
  },
};
