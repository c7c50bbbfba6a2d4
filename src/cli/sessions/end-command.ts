import type { CliCommand } from '../command.ts';

export const endCommand: CliCommand = {
  usage: 'end <id>',
  summary: 'Sign a browser out at once, on open streams too',
  async run(context, [id = '']) {
    const ended = await (await context.client()).sessions.end(id);
    if (context.json) return context.printJson(ended);
    context.print(`Signed out: session ${id} has ended.`);
  },
};
