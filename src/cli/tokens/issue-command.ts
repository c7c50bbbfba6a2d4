import type { IssuedReply } from '../client/tokens.ts';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { choiceOption } from '../options.ts';
import { localMoment } from '../terminal/local-time.ts';
import { prose } from '../terminal/prose.ts';

interface Flags {
  readonly kind?: string;
  readonly role?: string;
  readonly scope?: readonly string[];
  readonly expires?: number | 'never';
  readonly replace?: boolean;
}

export const issueCommand: CliCommand<Flags> = {
  usage: 'create <name>',
  summary: 'Issue a token; it is shown this once',
  details:
    'Not on a terminal stdout carries the token alone, the rest goes to stderr: the token can be piped into a file.\nExample: tabbify tokens create ci --role developer > ci.token',
  options: [
    {
      flags: '--kind <kind>',
      summary: 'person (default), agent, or app: then the name is the app’s uuid',
      parse: choiceOption('--kind', ['person', 'agent', 'app']),
    },
    {
      flags: '--role <role>',
      summary: 'owner, developer, approver or viewer',
      parse: choiceOption('--role', ['viewer', 'developer', 'approver', 'owner']),
    },
    {
      flags: '--scope <scope...>',
      summary:
        'instead of a role: read, deploy, data, secrets:write, approve, admin, metrics, events:append:<segment>',
    },
    { flags: '--expires <days>', summary: 'days it is good for, or never (default 90)', parse: expiry },
    { flags: '--replace', summary: 'end the token that has this name' },
  ],
  async run(context, [name = ''], { kind, role, scope, expires, replace }) {
    if ((role === undefined) === (scope === undefined)) {
      throw cliError('usage', {
        what: 'The token cannot be issued',
        why: role === undefined ? 'it would allow nothing' : 'it has a role and scopes',
        hint: 'Name either --role or --scope, e.g. --role developer.',
      });
    }
    const issued = await (await context.client()).tokens.create({
      name,
      ...(kind === undefined ? {} : { kind }),
      ...(role === undefined ? {} : { role }),
      ...(scope === undefined ? {} : { scopes: scope }),
      ...(expires === undefined ? {} : { expires_in_days: expires === 'never' ? null : expires }),
      ...(replace === undefined ? {} : { replace }),
    });
    if (context.json) return context.printJson(issued);
    context.printRaw(issued.token);
    note(context, issued);
  },
};

function note({ io }: Context, { kind, name, role, scopes, expires_at, replaced }: IssuedReply): void {
  const until = expires_at === null ? 'it does not expire' : `good until ${localMoment(expires_at)}`;
  const lines = [
    `This is the token of ${kind} ${name} (${role ?? scopes.join(', ')}), ${until}. It is shown this once: keep it now.`,
    ...(replaced === null
      ? []
      : [`The one that ${name} had, issued ${localMoment(replaced.created_at)}, has ended.`]),
  ];
  io.stderr.write(`${prose(io, io.stderr, lines.join('\n'))}\n`);
}

function expiry(text: string): number | 'never' {
  if (text === 'never') return text;
  const days = Number(text);
  if (text !== '' && days > 0 && days <= 3650) return days;
  throw cliError('usage', {
    what: `--expires ${text} cannot be used`,
    why: 'it must be a number of days, at most 3650, or `never`',
    hint: 'For example --expires 30.',
  });
}
