import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { type BindFlags, bindOptions, officeFlags, type Part } from './bind-flags.ts';

type OfficeRoom = typeof import('../../office/index.ts');
type Config = ReturnType<OfficeRoom['readOfficeConfig']>;

/** Opens one part of the office. */
export type StartPart = (
  office: OfficeRoom,
  config: Config,
  context: Context,
) => Promise<{ readonly url: string; close(): Promise<void> }>;

/** A command that runs one part of the office until Ctrl-C. */
export function partCommand(name: Part, summary: string, start: StartPart): CliCommand<BindFlags> {
  return {
    usage: name,
    local: true,
    summary,
    options: bindOptions(name),
    async run(context, _args, flags) {
      const office = await import('../../office/index.ts');
      const config = office.readOfficeConfig(context.io.env, officeFlags(context.home, flags));
      const stopped = untilStopped(context.io);
      const part = await start(office, config, context);
      if (context.json) context.printJson({ part: name, url: part.url });
      else context.print(`The ${name} answers at ${context.paint('cyan', part.url)}. Ctrl-C ends it.`);
      await stopped;
      await part.close();
    },
  };
}

/** Where a part that runs alone finds the node. */
export async function nodeUrl(context: Context): Promise<string> {
  const { findNode } = await import('../client/address.ts');
  return (await findNode(context.io.env, context.home)).url;
}

/** An owner credential, needed for a supervisor's first join only: later it has one of its own. */
export async function ownerKey(context: Context): Promise<string | null> {
  if (context.io.env.TABBIFY_NODE_KEY) return context.io.env.TABBIFY_NODE_KEY;
  const text = await readFile(join(context.home, 'node.key'), 'utf8').catch(() => null);
  return text?.trim() || null;
}
