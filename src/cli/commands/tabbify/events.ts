import type { EventReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { cliError } from '../../errors.ts';
import { eraseCommand } from '../../events/erase-command.ts';
import { momentOption } from '../../events/moments.ts';
import { countOption, positionOption } from '../../options.ts';
import { columnsOf, prose } from '../../terminal/prose.ts';

interface EventFlags {
  readonly segment?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: number;
  readonly search?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
  readonly oldestFirst?: boolean;
  readonly follow?: boolean;
  readonly at?: number;
}

const FLAGS: readonly (readonly [keyof EventFlags, string])[] = [
  ['segment', '--segment'],
  ['type', '--type'],
  ['subject', '--subject'],
  ['actor', '--actor'],
  ['since', '--since'],
  ['until', '--until'],
  ['before', '--before'],
  ['search', '--search'],
  ['limit', '--limit'],
  ['newestFirst', '--newest-first'],
  ['oldestFirst', '--oldest-first'],
  ['follow', '--follow'],
  ['at', '--at'],
];
const AGAINST_FOLLOWING: readonly string[] = ['--newest-first', '--oldest-first', '--until', '--before'];

export const events: CliCommand<EventFlags> = {
  usage: 'events',
  summary: 'Tell what happened in the office: time, position, who, what',
  details:
    'Without an order: the last events, in the order in which they happened. With --json one event a line, as the log keeps it.\n' +
    'Examples:\n' +
    '  tabbify events --segment tenant_default.apps --follow\n' +
    '  tabbify events --search "bakery crashed" --since 2d\n' +
    '  tabbify events --at 120',
  options: [
    {
      flags: '--segment <pattern>',
      summary: 'only this segment; `*` stands for any run of characters in one part',
    },
    { flags: '--type <type>', summary: 'only events of this type, e.g. app_started' },
    { flags: '--subject <subject>', summary: 'only about this, e.g. app/<uuid>' },
    { flags: '--actor <actor>', summary: 'only what this one did, e.g. user:owner' },
    {
      flags: '--since <time>',
      summary: 'only from this time on: 2h, 2026-11-21 or 2026-11-21T14:00',
      parse: momentOption('--since'),
    },
    { flags: '--until <time>', summary: 'only before this time', parse: momentOption('--until') },
    {
      flags: '--before <position>',
      summary: 'only events before this one',
      parse: positionOption('--before'),
    },
    { flags: '--search <text>', summary: 'only events with all these words or "quoted phrases"' },
    {
      flags: '--limit <count>',
      summary: 'how many events at most (default 100)',
      parse: countOption('--limit', 100_000),
    },
    { flags: '--newest-first', summary: 'the last events, the newest first' },
    { flags: '--oldest-first', summary: 'the first events instead of the last' },
    { flags: '-f, --follow', summary: 'go on with what happens next, also when the office restarts' },
    {
      flags: '--at <position>',
      summary: 'tell the office as it was after this event instead: hosts, apps, what ran where',
      parse: positionOption('--at'),
    },
  ],
  commands: [eraseCommand],
  async run(context, _args, flags) {
    refuseCombinations(flags);
    return flags.at === undefined ? tellEvents(context, flags) : tellOffice(context, flags.at);
  },
};

async function tellEvents(context: Context, flags: EventFlags): Promise<void> {
  const [{ eventLines }, { readEvents }] = await Promise.all([
    import('../../events/event-lines.ts'),
    import('../../events/read-events.ts'),
  ]);
  const client = await context.client();
  const { limit = 100, follow = false, newestFirst = false, oldestFirst = false, search: q } = flags;
  const { segment, type, subject, actor, since, until, before } = flags;
  const filter = given({ segment, type, subject, actor });
  const names = new Map((await client.apps()).map((app) => [app.uuid, app.name]));
  const line = eventLines(context, names);
  const say = (event: EventReply) => (context.json ? context.printJson(event) : context.print(line(event)));
  const query = { ...filter, ...given({ since, until, before, q }) };
  const order = oldestFirst ? 'oldest' : 'newest';
  const told = await readEvents(client.events, { ...query, order }, limit);
  const inOrder = oldestFirst || newestFirst ? told.events : told.events.toReversed();
  inOrder.forEach(say);
  const note = noteOn(context);
  if (told.damaged.length > 0) {
    note(`Left out, damaged on disk: ${told.damaged.join(', ')}; see \`tabbify doctor\`.`);
  }
  if (told.searchedTo !== null && told.searchedTo < told.head) {
    note(`The search is behind: events after ${told.searchedTo} were not searched yet.`);
  }
  if (follow) {
    const { followEvents } = await import('../../events/follow-events.ts');
    const connect = async () => (await context.client({ anew: true })).events;
    return followEvents(
      { connect, say, note, signal: context.io.signal },
      { ...filter, after: Math.max(told.head, told.events[0]?.position ?? 0) },
    );
  }
  if (told.events.length > 0 || context.json) return;
  context.print('Nothing has happened that matches.');
  if (q !== undefined) note('What came from outside is sealed: only its envelope is searched, not its body.');
  const who = namesWithoutKind(flags);
  if (who !== null) note(who);
}

async function tellOffice(context: Context, at: number): Promise<void> {
  const [{ officeLines }, { stateReply }] = await Promise.all([
    import('../../events/office-at.ts'),
    import('../../client/events.ts'),
  ]);
  const client = await context.client();
  const text = await client.events.stateAt(at);
  if (context.json) return context.printRaw(text);
  const state = stateReply.safeParse(JSON.parse(text));
  if (!state.success) {
    throw cliError('office_answer', {
      what: 'The office told a state that this program cannot read',
      why: state.error.issues[0]?.message ?? 'it has another shape',
      hint: 'Use --json, or the version of `tabbify` that the office runs.',
    });
  }
  context.print(...officeLines(state.data, context.paint, columnsOf(context.io.stdout)));
}

/** Who or what was asked about is written with its kind: a name alone, as the lines show it, matches nothing. */
function namesWithoutKind({ actor, subject }: EventFlags): string | null {
  if (actor !== undefined && actor !== 'system' && !actor.includes(':')) {
    return `An actor is named with its kind, e.g. --actor user:${actor}.`;
  }
  return subject === undefined || subject.includes('/')
    ? null
    : 'A subject is named with its kind, e.g. --subject app/<uuid>; `tabbify events --json` shows them.';
}

/** What is said beside the events: on stderr, so that it is never taken for one of them. */
function noteOn({ io, json, paint }: Context): (text: string) => void {
  return (text) =>
    void io.stderr.write(
      json ? `${JSON.stringify({ note: text })}\n` : `${paint('dim', prose(io, io.stderr, text))}\n`,
    );
}

function refuseCombinations(flags: EventFlags): void {
  const given = FLAGS.filter(([name]) => flags[name] !== undefined).map(([, flag]) => flag);
  if (flags.newestFirst && flags.oldestFirst) {
    throw together('--newest-first', '--oldest-first', 'they are opposites');
  }
  const other = given.find((flag) => flag !== '--at');
  if (flags.at !== undefined && other !== undefined) {
    throw together('--at', other, 'it tells the office as it was, not events');
  }
  if (flags.follow !== true) return;
  if (flags.search !== undefined) {
    throw together('--follow', '--search', 'only what is in the search already can be searched');
  }
  const bound = given.find((flag) => AGAINST_FOLLOWING.includes(flag));
  if (bound !== undefined)
    throw together('--follow', bound, 'what comes is told in the order in which it happens');
}

function together(one: string, other: string, why: string) {
  return cliError('usage', {
    what: `${one} and ${other} cannot be used together`,
    why,
    hint: 'Leave one of them out; see `tabbify events --help`.',
  });
}

/** Without the fields that were not given. */
function given<Fields extends Readonly<Record<string, string | number | undefined>>>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}
