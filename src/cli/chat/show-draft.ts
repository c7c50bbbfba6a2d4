import type { Draft } from '../../agent/index.ts';
import type { Context } from '../context.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { sizeText, tableLines } from '../terminal/table.ts';

/** Lines that show what a person is about to decide on: files with sizes, and the rights the manifest asks for. */
export function draftLines(context: Context, draft: Draft): string[] {
  const { paint } = context;
  const states = { granted: paint('dim', 'granted'), asked: paint('yellow', 'asks to') };
  return [
    `${paint('bold', printable(draft.name))}  ${paint('dim', draft.dir)}`,
    ...tableLines(
      draft.files.map((file) => [`  ${printable(file.path)}`, paint('dim', sizeText(file.bytes))]),
    ),
    'What it may do, when you say yes:',
    ...tableLines(
      draft.rights.map((right) => [
        `  ${states[right.state]}`,
        printable(right.text),
        paint('dim', right.key),
      ]),
      columnsOf(context.io.stdout),
    ),
    paint('dim', '  Everything else is denied: other hosts, events, secrets, the file system.'),
  ];
}

/** Lines that show the content of every file. */
export async function contentLines(context: Context, draft: Draft): Promise<string[]> {
  const lines: string[] = [];
  for (const file of draft.files) {
    lines.push(
      context.paint(['bold', 'underline'], printable(file.path)),
      printable(await draft.read(file.path)),
      '',
    );
  }
  return lines;
}
