import { join } from 'node:path';
import type { CliCommand } from '../../command.ts';

export const types: CliCommand = {
  usage: 'types [dir]',
  local: true,
  summary: 'Tell your editor what the platform gives to app code',
  details:
    'Without a folder the current one. Writes tabbify-env.d.ts, as `tcli init` does: the types of `@tabbify/sdk`, and of imported files that are no code. Do it again after an upgrade of the platform. A tsconfig.json of your own has to include that file.',
  async run(context, [dir = '.']) {
    const { writeTypes } = await import('../../init/write-types.ts');
    const file = join(dir, await writeTypes(context.io.cwd, dir));
    if (context.json) return context.printJson({ file });
    context.print(`Wrote ${file}.`);
  },
};
