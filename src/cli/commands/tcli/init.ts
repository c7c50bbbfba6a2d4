import { join } from 'node:path';
import type { CliCommand } from '../../command.ts';
import { pushCommand } from '../../push/push-command.ts';

export const init: CliCommand = {
  usage: 'init [dir]',
  local: true,
  summary: 'Write a small TypeScript app into a folder',
  details:
    'Without a folder the current one. Writes tabbify.toml, src/index.ts and .tabbifyignore, and never overwrites a file.\nExample: tcli init my-app',
  async run(context, [dir = '.']) {
    const { writeNewApp } = await import('../../init/write-new-app.ts');
    const { findNode } = await import('../../client/address.ts');
    const { url } = await findNode(context.io.env, context.home);
    const { name, files } = await writeNewApp(context.io.cwd, dir, `${url}/tabbify.schema.json`);
    if (context.json) return context.printJson({ name, dir, files });
    context.print(
      `Made the app ${context.paint('bold', name)}:`,
      ...files.map((file) => `  ${join(dir, file)}`),
      `Next: \`${pushCommand(dir)}\`.`,
    );
  },
};
