import { isUuid } from '../../kit/index.ts';
import type { TokenReply } from '../client/tokens.ts';
import type { CliCommand } from '../command.ts';
import { cliError } from '../errors.ts';
import { prose } from '../terminal/prose.ts';

export const revokeCommand: CliCommand = {
  usage: 'revoke <token>',
  summary: 'End a credential at once, on open streams too; name it by its id, or by its name',
  async run(context, [named = '']) {
    const { tokens } = await context.client();
    const id = isUuid(named) ? named : onlyOne(named, await tokens.list()).id;
    const revoked = await tokens.revoke(id);
    if (context.json) return context.printJson(revoked);
    context.print(`Revoked ${named}.`);
    const { io } = context;
    for (const warning of revoked.warnings) io.stderr.write(`${prose(io, io.stderr, `note: ${warning}`)}\n`);
  },
};

/** @throws token_unknown */
function onlyOne(name: string, all: readonly TokenReply[]): TokenReply {
  const [found, ...others] = all.filter((each) => each.name === name);
  if (found !== undefined && others.length === 0) return found;
  throw cliError('token_unknown', {
    what: found === undefined ? `There is no token named ${name}` : `Several tokens are named ${name}`,
    why:
      found === undefined
        ? `the office has: ${all.map((each) => each.name).join(', ')}`
        : [found, ...others].map(({ kind, id }) => `${kind} ${id}`).join(', '),
    hint: 'Name one by its id; see `tabbify tokens list`.',
  });
}
