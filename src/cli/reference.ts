import type { Command } from 'commander';
import type { CliCommand } from './command.ts';
import { commanderProgram, type ProgramSpec } from './program.ts';
import { processIo } from './terminal/io.ts';

const INTRODUCTION = `<!-- Made from the commands themselves; made anew by: npx vitest run src/cli/reference.test.ts -u -->

# Commands

In a clone they are called with \`npx\`: \`npx tabbify status\`, \`npx tcli push my-app\`. \`tabbify\` is the office and what goes on in it;
\`tcli\` takes a folder to a running app.

Every command takes \`--json\` (stdout then carries JSON and nothing else; errors are one JSON object on stderr), \`--home <dir>\`
(the office's home on this machine; else \`TABBIFY_HOME\`, else \`~/.tabbify\`) and \`--help\`. Every command that asks the node takes
\`--office <slug>\` (which of its offices; else \`TABBIFY_OFFICE\`, else the credential's own; see credentials.md). Exit codes: 0 done,
1 failed, 2 wrong usage. An error says what happened, why, and what to do. Colours are left out where \`NO_COLOR\` is set or nobody looks.
`;

/** Options that every command has; the introduction names them once. */
const EVERYWHERE = new Set(['--json', '--home', '--office', '--help']);

/** The reference of all commands as Markdown: docs/commands.md. */
export function referenceOf(programs: readonly ProgramSpec[]): string {
  const sections = programs.flatMap((spec) => {
    const { commands } = commanderProgram(spec, processIo(), () => {});
    return [
      `## ${spec.name}\n\n${spec.summary}\n`,
      ...commands.flatMap((command) => {
        const known = spec.commands.find(({ usage }) => usage.split(' ')[0] === command.name());
        const below = command.commands.map((each) =>
          sectionOf(each, detailsOf(known?.commands, each.name())),
        );
        return known?.run === undefined ? below : [sectionOf(command, known.details), ...below];
      }),
    ];
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function sectionOf(command: Command, details: string | undefined): string {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter((option) => !EVERYWHERE.has(option.long ?? ''));
  const parts = [
    `### \`${help.commandUsage(command).replace(' [options]', '').replace(' [command]', '')}\``,
    `${command.summary()}.`,
  ];
  if (options.length > 0) {
    const rows = options.map((option) => `| \`${option.flags}\` | ${cell(option.description)} |`);
    parts.push(['| option | what |', '|---|---|', ...rows].join('\n'));
  }
  if (details !== undefined)
    parts.push(details.replaceAll('\n', '\n\n').replaceAll(/^Example: (.*)$/gm, 'Example: `$1`'));
  return `${parts.join('\n\n')}\n`;
}

function detailsOf(commands: readonly CliCommand[] | undefined, name: string): string | undefined {
  return commands?.find(({ usage }) => usage.split(' ')[0] === name)?.details;
}

function cell(text: string): string {
  return text.replaceAll(/[|<]/g, '\\$&');
}
