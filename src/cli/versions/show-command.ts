import type { CliCommand } from '../command.ts';
import { localMoment } from '../terminal/local-time.ts';
import { printable } from '../terminal/style.ts';
import { sizeText, tableLines } from '../terminal/table.ts';
import { versionNumber } from './version-number.ts';

export const showCommand: CliCommand = {
  usage: 'show <app> <version>',
  summary: 'Show a version and the files that were pushed',
  details: 'Example: tabbify versions show shop 3',
  async run(context, [name = '', number = '']) {
    const wanted = versionNumber(number);
    const client = await context.client();
    const app = await client.findApp(name);
    const version = await client.versions.show(app.uuid, wanted);
    if (context.json) return context.printJson(version);
    const { paint } = context;
    context.print(
      `${paint('bold', printable(app.name))}  version ${version.version}  ${printable(version.runtime ?? 'static files')}, ${printable(version.visibility)}`,
      `  ${localMoment(version.published_at)} by ${printable(version.published_by)}`,
      `  ${paint('dim', `digest ${version.digest}`)}`,
      ...tableLines(
        version.files_list.map(({ path, bytes }) => [`  ${printable(path)}`, paint('dim', sizeText(bytes))]),
      ),
    );
  },
};
