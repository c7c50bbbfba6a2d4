import type { CliCommand } from '../../command.ts';
import { deployAndFollow } from '../../deployments/deploy-and-follow.ts';
import { versionOption } from '../../options.ts';

export const rollback: CliCommand<{ readonly version?: number }> = {
  usage: 'rollback <app>',
  summary: 'Put a version back that was in place before',
  details:
    'A rollback is a new deployment of an old version, and can be rolled back like any other.\nExample: tabbify rollback shop',
  options: [
    {
      flags: '--version <n>',
      summary: 'which version (default: the last one in place before the one that is now)',
      parse: versionOption('--version'),
    },
  ],
  run: (context, [name = ''], { version }) =>
    deployAndFollow(
      context,
      name,
      (app) => `Rolling ${app.name} back`,
      (deployments, app) => deployments.rollback(app.uuid, version),
    ),
};
