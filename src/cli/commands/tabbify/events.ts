import type { NodeClient } from '../../client/node-client.ts';
import type { EventReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { cliError } from '../../errors.ts';
import { countOption } from '../../options.ts';

interface EventFlags {
  readonly segment?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly limit?: number;
  readonly follow?: boolean;
}

export const events: CliCommand<EventFlags> = {
  usage: 'events',
  summary: 'Tell what happened in the office: time, position, who, what',
  details:
    'With --json one event a line, as the log keeps it.\nExample: tabbify events --segment tenant_default.apps --follow',
  options: [
    {
      flags: '--segment <pattern>',
      summary: 'only this segment; `*` stands for any run of characters in one part',
    },
    { flags: '--type <type>', summary: 'only events of this type, e.g. app_started' },
    { flags: '--subject <subject>', summary: 'only about this, e.g. app/<uuid>' },
    {
      flags: '--limit <count>',
      summary: 'how many of the last events (default 100)',
      parse: countOption('--limit', 100_000),
    },
    { flags: '-f, --follow', summary: 'go on with what happens next' },
  ],
  async run(context, _args, { limit = 100, follow = false, segment, type, subject }) {
    const [{ eventLines }, { lastEvents }] = await Promise.all([
      import('../../events/event-lines.ts'),
      import('../../events/last-events.ts'),
    ]);
    const client = await context.client();
    const query = {
      ...(segment === undefined ? {} : { segment }),
      ...(type === undefined ? {} : { type }),
      ...(subject === undefined ? {} : { subject }),
    };
    const names = new Map((await client.apps()).map((app) => [app.uuid, app.name]));
    const line = eventLines(context, names);
    const say = (event: EventReply) => (context.json ? context.printJson(event) : context.print(line(event)));
    const { events: past, head } = await lastEvents(client, query, limit);
    past.forEach(say);
    if (follow)
      return followEvents(
        context,
        client,
        { ...query, after: Math.max(head, past.at(-1)?.position ?? 0) },
        say,
      );
    if (past.length === 0 && !context.json) context.print('Nothing has happened that matches.');
  },
};

async function followEvents(
  context: Context,
  client: NodeClient,
  query: Parameters<NodeClient['eventStream']>[0],
  say: (event: EventReply) => void,
): Promise<void> {
  try {
    for await (const event of client.eventStream(query, context.io.signal)) say(event);
  } catch (error) {
    if (context.io.signal?.aborted) return;
    throw error;
  }
  throw cliError('office_not_running', {
    what: 'The stream of events has ended',
    why: 'the office was closed',
    hint: 'Start it with `tabbify up` and run this again; nothing is lost, events are kept.',
  });
}
