import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { cliError } from '../../errors.ts';
import { momentOption } from '../../events/moments.ts';
import { choiceOption, countOption } from '../../options.ts';
import { printable } from '../../terminal/style.ts';

interface LogFlags {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly lines?: number;
  readonly since?: string;
  readonly until?: string;
  readonly origin?: string;
  readonly search?: string;
  readonly on?: string;
}

const ORIGINS = ['stdout', 'stderr', 'platform'] as const;

export const logs: CliCommand<LogFlags> = {
  usage: 'logs <app>',
  summary: 'Print what an app has written to its output',
  details:
    'An app is named by its name or its uuid. The last lines that match are printed, the oldest of them first; what the ' +
    'platform says about the app stands between them. With --json one object a line: time, origin, generation, line.\n' +
    'Examples:\n' +
    '  tabbify logs bakery --follow\n' +
    '  tabbify logs bakery --origin stderr --since 2h --search timeout',
  options: [
    { flags: '-f, --follow', summary: 'go on printing as it is written' },
    {
      flags: '--tail <count>',
      summary: 'how many of the last lines (default 200, at most 10000)',
      parse: countOption('--tail', 10_000),
    },
    {
      flags: '--lines <count>',
      summary: 'the same as --tail',
      parse: countOption('--lines', 10_000),
    },
    {
      flags: '--since <time>',
      summary: 'only from this time on: 2h, 2026-11-21 or 2026-11-21T14:00',
      parse: momentOption('--since'),
    },
    { flags: '--until <time>', summary: 'only before this time', parse: momentOption('--until') },
    {
      flags: '--origin <origin>',
      summary: 'only lines from stdout, stderr or platform',
      parse: choiceOption('--origin', ORIGINS),
    },
    { flags: '--search <text>', summary: 'only lines with this text, capitals or not' },
    { flags: '--on <host>', summary: 'from which of its hosts (default: the first)' },
  ],
  async run(context, [name = ''], flags) {
    const { follow = false } = flags;
    if (follow && flags.until !== undefined) {
      throw cliError('usage', {
        what: '--follow and --until cannot be used together',
        why: 'what is followed has no end',
        hint: 'Leave one of them out.',
      });
    }
    const client = await context.client();
    const app = await client.findApp(name);
    const response = await client.logs(app.uuid, queryOf(flags, context.json), context.io.signal);
    let rest = '';
    let count = 0;
    const say = (line: string) => {
      count += 1;
      if (context.json) sayJson(context, line);
      else context.printRaw(context.io.stdout.isTTY ? printable(line) : line);
    };
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const complete = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = complete.pop() ?? '';
        complete.forEach(say);
      }
    } catch (error) {
      if (context.io.signal?.aborted) return;
      throw cliError('office_answer', {
        what: `The log of ${app.name} broke off`,
        why: 'the office or the supervisor went away',
        hint: `Run \`tabbify logs ${name}\` again.`,
        cause: error,
      });
    }
    if (rest !== '') say(rest);
    if (count > 0 || context.json || !context.io.stdout.isTTY) return;
    const isFiltered = [flags.since, flags.until, flags.origin, flags.search].some(
      (each) => each !== undefined,
    );
    context.print(
      isFiltered
        ? `No line of ${app.name} matches.`
        : `${app.name} has written nothing yet; console.log in the app goes here.`,
    );
  },
};

function queryOf(flags: LogFlags, json: boolean): Record<string, string> {
  const { follow = false, since, until, origin, search, on } = flags;
  return {
    tail: String(flags.tail ?? flags.lines ?? 200),
    ...(follow ? { follow: '1' } : {}),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(origin === undefined ? {} : { origin }),
    ...(search === undefined ? {} : { q: search }),
    ...(on === undefined ? {} : { supervisor: on }),
    ...(json ? { format: 'jsonl' } : {}),
  };
}

/** The office's own object; text of an office that knows no JSON lines stands in one of its own. */
function sayJson(context: Context, line: string): void {
  if (line.startsWith('{')) context.printRaw(line);
  else context.printJson({ line });
}
