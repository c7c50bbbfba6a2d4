import type { CliCommand } from '../../command.ts';
import { deployAndFollow } from '../../deployments/deploy-and-follow.ts';
import { versionOption } from '../../options.ts';

export const deploy: CliCommand<{ readonly version?: number }> = {
  usage: 'deploy <app>',
  summary: 'Put a version of an app in place, and follow it until it serves',
  details:
    'An app is named by its name or its uuid. Until the new version answers, the one in place goes on serving; if it does not answer, that one stays.\nExample: tabbify deploy shop --version 3',
  options: [
    {
      flags: '--version <n>',
      summary: 'which version (default: the newest)',
      parse: versionOption('--version'),
    },
  ],
  run: (context, [name = ''], { version }) =>
    deployAndFollow(
      context,
      name,
      (app) => `Deploying ${app.name}`,
      (deployments, app) => deployments.deploy(app.uuid, version),
    ),
};
