import type { ErasureReply } from '../client/log.ts';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';
import { answerTo } from '../terminal/question.ts';
import { printable } from '../terminal/style.ts';
import { sizeText } from '../terminal/table.ts';

interface EraseFlags {
  readonly subject?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const eraseCommand: CliCommand<EraseFlags> = {
  usage: 'erase',
  summary: 'Erase for good what came from outside about a subject: bodies, blobs and their keys',
  details:
    'Shows what it would erase and asks. Events that the office itself is made of stay. There is no way back.\nExample: tabbify events erase --subject integration/0191e7c2-1111-7222-8333-444455556666 --dry-run',
  options: [
    { flags: '--subject <subject>', summary: 'what it is about, as `tabbify events` shows it' },
    { flags: '--yes', summary: 'erase without asking' },
    { flags: '--dry-run', summary: 'say what it would erase, and change nothing' },
  ],
  async run(context, _args, { subject = '', yes = false, dryRun = false }) {
    if (subject === '') {
      throw cliError('usage', {
        what: 'Nothing was erased',
        why: 'it is not said about whom or what',
        hint: 'Name the subject with --subject; `tabbify events --json` shows those there are.',
      });
    }
    const { log } = await context.client();
    if (dryRun || !yes) {
      const preview = await log.erase(subject, { dryRun: true });
      if (dryRun && context.json) return context.printJson(preview);
      if (!context.json) context.print(...told('Would erase', preview));
      if (dryRun || !(await agreed(context, subject))) return;
    }
    const done = await log.erase(subject, { dryRun: false });
    if (context.json) return context.printJson(done);
    context.print(...told('Erased', done));
  },
};

function told(verb: string, { subject, events, bytes, keys, kept }: ErasureReply): string[] {
  const about = printable(subject);
  return [
    events === 0 && keys === 0
      ? `Nothing from outside is kept about ${about}.`
      : `${verb} what came from outside about ${about}: ${counted(events, 'body', 'bodies')} (${sizeText(bytes)}), ${counted(keys, 'key', 'keys')}.`,
    ...(kept.events === 0
      ? []
      : [
          `${counted(kept.events, 'event', 'events')} about it ${kept.events === 1 ? 'stays' : 'stay'}: ${kept.why}.`,
        ]),
  ];
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * A person's yes. Without a terminal to ask in nothing is erased.
 *
 * @throws TabbifyError `usage`
 */
async function agreed(context: Context, subject: string): Promise<boolean> {
  const { io } = context;
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || context.json) {
    throw cliError('usage', {
      what: 'Nothing was erased',
      why: 'a person has to say yes, and this is no terminal to ask in',
      hint: `Say yes beforehand: \`tabbify events erase --subject ${shellWord(subject)} --yes\`; look first with --dry-run.`,
    });
  }
  const { confirm } = await import('@clack/prompts');
  const message = 'Erase it for good?';
  if (await answerTo(io, (asked) => confirm({ message, initialValue: false, ...asked }))) return true;
  context.print('Nothing was erased.');
  return false;
}
