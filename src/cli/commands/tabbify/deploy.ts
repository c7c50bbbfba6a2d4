import type { CliCommand } from '../../command.ts';
import { deployAndFollow } from '../../deployments/deploy-and-follow.ts';
import { type DeployFlags, deployCommand, onOption, wantedBy } from '../../deployments/on-option.ts';
import { versionOption } from '../../options.ts';
import { printable } from '../../terminal/style.ts';

export const deploy: CliCommand<DeployFlags> = {
  usage: 'deploy <app>',
  summary: 'Put a version of an app in place, and follow it until it serves',
  details:
    'An app is named by its name or its uuid. Until the new version answers, the one in place goes on serving; if it does not answer, that one stays. The exit code is 0 only when every host that it goes to has it. Ctrl-C ends the following, not the deployment.\nExample: tabbify deploy shop --version 3 --on berlin --on paris=docker',
  options: [
    {
      flags: '--version <n>',
      summary: 'which version (default: the newest)',
      parse: versionOption('--version'),
    },
    onOption,
  ],
  async run(context, [named = ''], flags) {
    const wanted = await wantedBy(flags);
    await deployAndFollow(context, {
      named,
      words: ({ name, slug = name }) => ({
        before: { doing: `Asking for a deployment of ${printable(name)}`, done: 'Deployment requested' },
        again: deployCommand(slug, flags.on),
      }),
      ask: (deployments, app) => deployments.deploy(app.uuid, wanted),
    });
  },
};
