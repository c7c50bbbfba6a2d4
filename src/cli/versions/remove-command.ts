import type { CliCommand } from '../command.ts';
import { printable } from '../terminal/style.ts';
import { versionNumber } from './version-number.ts';

export const removeCommand: CliCommand = {
  usage: 'remove <app> <versions...>',
  summary: 'Remove versions for good: their files and what was built of them',
  details:
    'What a host has or goes back to, what is being deployed and the last three versions stay. Numbers are not given again.\nExample: tabbify versions remove shop 1 2',
  async run(context, [name = '', ...numbers]) {
    const wanted = numbers.map(versionNumber);
    const client = await context.client();
    const app = await client.findApp(name);
    const removed = [];
    for (const version of wanted) {
      removed.push(await client.versions.remove(app.uuid, version));
      if (!context.json) context.print(`Removed version ${version} of ${printable(app.name)}.`);
    }
    if (context.json) context.printJson({ removed });
  },
};
