import type { CliCommand } from '../../command.ts';
import { pushCommand } from '../../push/push-command.ts';
import { EXIT_DONE, EXIT_FAILED } from '../../terminal/print-error.ts';
import { printable } from '../../terminal/style.ts';

export const validate: CliCommand<{ readonly strict?: boolean }> = {
  usage: 'validate [dir]',
  local: true,
  summary: 'Check the manifest of a folder, and that the file it names is there',
  details:
    'Without a folder the current one. Needs no office and changes nothing. Exit code 1 when there is an error.',
  options: [{ flags: '--strict', summary: 'treat every warning as an error' }],
  async run(context, [dir = '.'], { strict = false }) {
    const [{ readAppSource }, { formatDiagnostic, isFilesAlone }] = await Promise.all([
      import('../../check/app-source.ts'),
      import('../../../app/index.ts'),
    ]);
    const source = await readAppSource(context.io.cwd, dir, strict);
    const exitCode = source.manifest === null ? EXIT_FAILED : EXIT_DONE;
    if (context.json) {
      context.printJson({ ok: exitCode === EXIT_DONE, diagnostics: source.diagnostics });
      return exitCode;
    }
    const colours = { error: 'red', warning: 'yellow' } as const;
    for (const diagnostic of source.diagnostics) {
      const [head = '', ...lines] = formatDiagnostic(diagnostic, source.manifestText).split('\n');
      context.print(context.paint(colours[diagnostic.severity], head), ...lines);
    }
    if (source.manifest === null) {
      const errors = source.diagnostics.filter((each) => each.severity === 'error').length;
      context.print(
        `${errors} ${errors === 1 ? 'error' : 'errors'}. Mend ${errors === 1 ? 'it' : 'them'} and run this again.`,
      );
      return exitCode;
    }
    const { app, build, runtime } = source.manifest;
    const runsAs = isFilesAlone(build) ? 'static files' : runtime.type;
    context.print(
      `${context.paint('green', 'ok')}  ${printable(app.name)}: ${app.visibility}, ${runsAs}. Next: \`${pushCommand(dir)}\`.`,
    );
    return exitCode;
  },
};
