import type { CliCommand } from '../../command.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

const create: CliCommand<{ readonly slug?: string }> = {
  usage: 'create <name>',
  summary: 'Make an office of its own on this machine: its own apps, events, people and secrets',
  details:
    'Only the owner of the machine can (the credential in node.key). The slug is for ever.\nExample: tabbify office create "Hugo’s bakery" --slug bakery',
  options: [{ flags: '--slug <slug>', summary: 'a-z, 0-9 and hyphens (default: made from the name)' }],
  async run(context, [name = ''], { slug }) {
    const made = await (await context.client()).offices.create(name, slug);
    if (context.json) return context.printJson(made);
    context.print(
      `Made the office ${context.paint('bold', made.slug)}.`,
      `Next: let somebody in with \`tabbify tokens create <name> --role owner --office ${made.slug}\`.`,
    );
  },
};

const list: CliCommand = {
  usage: 'list',
  summary: 'List the offices of this machine; who does not own it sees his own',
  async run(context) {
    const offices = await (await context.client()).offices.list();
    if (context.json) return context.printJson({ offices });
    const head = ['SLUG', 'NAME', 'MADE BY'].map((text) => context.paint('dim', text));
    const rows = offices.map((each) => [
      context.paint('bold', each.slug),
      printable(each.name),
      each.created_at === null
        ? 'there from the beginning'
        : printable(each.created_by.replace(/^user:/, '')),
    ]);
    context.print(...tableLines([head, ...rows]));
  },
};

export const office: CliCommand = {
  usage: 'office',
  summary: 'Offices of this machine: create, list',
  commands: [create, list] as readonly CliCommand[],
};
