import type { CliCommand } from '../../command.ts';
import { prose } from '../../terminal/prose.ts';

export const login: CliCommand = {
  usage: 'login',
  summary: 'Print a link that signs a browser in, once',
  details:
    'The browser asks in the place of the credential that the link was printed with, and opens private apps.\nNot on a terminal stdout carries the link alone, the rest goes to stderr.',
  async run(context) {
    const made = await (await context.client()).sessions.link();
    if (context.json) return context.printJson(made);
    context.printRaw(made.link);
    const minutes = Math.round(made.expires_in_sec / 60);
    const note = `Open it in the browser that you want to sign in: it works once, for ${minutes} minutes, and signs in as you. Give it to nobody. See who is signed in with: tabbify sessions list`;
    context.io.stderr.write(`${prose(context.io, context.io.stderr, note)}\n`);
  },
};
