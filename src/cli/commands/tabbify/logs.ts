import type { CliCommand } from '../../command.ts';
import { cliError } from '../../errors.ts';
import { countOption } from '../../options.ts';
import { printable } from '../../terminal/style.ts';

export const logs: CliCommand<{ readonly follow?: boolean; readonly lines?: number }> = {
  usage: 'logs <app>',
  summary: 'Print what an app has written to its output',
  details: 'An app is named by its name or its uuid.',
  options: [
    { flags: '-f, --follow', summary: 'go on printing as it is written' },
    {
      flags: '--lines <count>',
      summary: 'how many of the last lines (default 200)',
      parse: countOption('--lines'),
    },
  ],
  async run(context, [name = ''], { follow = false, lines = 200 }) {
    const client = await context.client();
    const app = await client.findApp(name);
    const response = await client.logs(app.uuid, { lines, follow }, context.io.signal);
    let rest = '';
    let count = 0;
    const say = (line: string) => {
      count += 1;
      if (context.json) context.printJson({ line });
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
    if (count === 0 && !context.json && context.io.stdout.isTTY) {
      context.print(`${app.name} has written nothing yet; console.log in the app goes here.`);
    }
  },
};
