import { join } from 'node:path';
import type { CliCommand } from '../../command.ts';
import { shellWord } from '../../terminal/prose.ts';

export const init: CliCommand<{ readonly template?: string }> = {
  usage: 'init [dir]',
  local: true,
  summary: 'Write a small TypeScript app into a folder',
  details:
    'Without a folder the current one. Begins as one of the examples of the platform, under the name of the folder, with its tests and what editors need, and never overwrites a file. On a terminal it asks for the template; elsewhere it takes `plain`.\nExample: tcli init my-app --template guestbook',
  options: [
    {
      flags: '--template <name>',
      summary: 'plain, or the name of an example: guestbook, notes-api, hello …',
    },
  ],
  async run(context, [dir = '.'], { template }) {
    const [{ requireRoomForApp, writeNewApp }, { chooseTemplate }, { findNode }] = await Promise.all([
      import('../../init/write-new-app.ts'),
      import('../../init/choose-template.ts'),
      import('../../client/address.ts'),
    ]);
    const { url } = await findNode(context.io.env, context.home);
    await requireRoomForApp(context.io.cwd, dir);
    const chosen = template ?? (await chooseTemplate(context));
    const { name, files, hasPackages } = await writeNewApp(context.io.cwd, dir, {
      template: chosen,
      schemaUrl: `${url}/tabbify.schema.json`,
    });
    if (context.json) return context.printJson({ name, dir, template: chosen, files });
    const there = dir === '.' ? '' : ` ${shellWord(dir)}`;
    context.print(
      `Made the app ${context.paint('bold', name)}:`,
      ...files.map((file) => `  ${join(dir, file)}`),
      'Next:',
      `  tcli dev${there}    run it here, and again after each save`,
      `  tcli test${there}   run its tests`,
      `  tcli push${there}   put it online`,
      ...(hasPackages
        ? [`  npm install${there && ` --prefix${there}`}   its packages, for your editor`]
        : []),
    );
  },
};
