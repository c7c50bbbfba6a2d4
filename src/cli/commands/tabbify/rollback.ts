import type { CliCommand } from '../../command.ts';
import { deployAndFollow } from '../../deployments/deploy-and-follow.ts';
import { type DeployFlags, deployCommand, onOption, wantedBy } from '../../deployments/on-option.ts';
import { versionOption } from '../../options.ts';
import { printable } from '../../terminal/style.ts';

export const rollback: CliCommand<DeployFlags> = {
  usage: 'rollback <app>',
  summary: 'Put a version back that was in place before',
  details:
    'An app is named by its name or its uuid. A rollback is a new deployment of an old version: it is followed, ends and can be rolled back like any other (`tabbify deploy --help`).\nExample: tabbify rollback shop',
  options: [
    {
      flags: '--version <n>',
      summary: 'which version (default: the last one in place before the one that is now)',
      parse: versionOption('--version'),
    },
    onOption,
  ],
  async run(context, [named = ''], flags) {
    const wanted = await wantedBy(flags);
    await deployAndFollow(context, {
      named,
      words: ({ name, slug = name }) => ({
        before: { doing: `Asking for a rollback of ${printable(name)}`, done: 'Rollback requested' },
        again: deployCommand(slug, flags.on),
      }),
      ask: (deployments, app) => deployments.rollback(app.uuid, wanted),
    });
  },
};
