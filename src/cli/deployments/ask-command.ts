import { consentOf } from '../approvals/consent.ts';
import type { DeploymentsClient } from '../client/deployments.ts';
import type { CliCommand } from '../command.ts';
import { versionOption } from '../options.ts';
import { printable } from '../terminal/style.ts';
import { deployAndFollow } from './deploy-and-follow.ts';
import {
  approveOption,
  type DeployFlags,
  deployCommand,
  leaveDataOption,
  onOption,
  wantedBy,
} from './on-option.ts';

/** In what the commands that ask for a deployment differ. */
export interface Asking {
  readonly verb: keyof Pick<DeploymentsClient, 'deploy' | 'rollback'>;
  /** What is asked for, in words: `deployment`. */
  readonly noun: string;
  readonly summary: string;
  readonly details: string;
  /** Which version is meant when none is named. */
  readonly versionDefault: string;
}

/** A command that asks the office to put a version of an app in place, and follows that to its end. */
export function askCommand({
  verb,
  noun,
  summary,
  details,
  versionDefault,
}: Asking): CliCommand<DeployFlags> {
  const title = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
  return {
    usage: `${verb} <app>`,
    summary,
    details: `An app is named by its name or its uuid. ${details}`,
    options: [
      {
        flags: '--version <n>',
        summary: `which version (default: ${versionDefault})`,
        parse: versionOption('--version'),
      },
      onOption,
      leaveDataOption,
      approveOption,
    ],
    async run(context, [named = ''], flags) {
      const wanted = await wantedBy(flags);
      await deployAndFollow(context, {
        named,
        words: ({ name, slug = name }) => ({
          before: { doing: `Asking for a ${noun} of ${printable(name)}`, done: `${title} requested` },
          again: deployCommand(slug, flags.on),
        }),
        consent: consentOf(context, flags),
        ask: (deployments, app) => deployments[verb](app.uuid, wanted),
      });
    },
  };
}
