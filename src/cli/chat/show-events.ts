import { type ChatEvent, MODEL_SETUP_HINT } from '../../agent/index.ts';
import type { Context } from '../context.ts';
import type { Progress } from '../terminal/progress.ts';
import { printable } from '../terminal/style.ts';
import { draftLines } from './show-draft.ts';

/** Shows a chat as it goes; tells the progress what is being done. Prints nothing with `--json`. */
export function chatPrinter(
  context: Context,
  progress: Pick<Progress, 'step' | 'clear'>,
): (event: ChatEvent) => void {
  const { paint } = context;
  const print = (...lines: string[]) => {
    progress.clear();
    if (!context.json) context.print(...lines);
  };
  let saying = '';
  const flush = () => {
    if (saying.trim() !== '') print(printable(saying.trim()));
    saying = '';
  };
  return (event) => {
    switch (event.type) {
      case 'starter-chosen':
        return print(
          `No model is set up, so this is a starter: ${event.title} named ${paint('bold', event.name)} that you can change by hand.`,
          paint('dim', MODEL_SETUP_HINT),
        );
      case 'model-asked':
        return print(`${paint('bold', event.model)} writes ${paint('bold', event.name)}.`);
      case 'turn-started':
        return progress.step('Waiting for the model');
      case 'text-delta':
        saying += event.text;
        return;
      case 'tool-called':
        flush();
        return progress.step(printable(toolText(event.call.name, event.call.input)));
      case 'tool-answered': {
        const first = event.result.text.split('\n')[0] ?? '';
        const mark = event.result.ok ? paint('green', '·') : paint('yellow', '!');
        return print(`${mark} ${printable(first)}`);
      }
      case 'stopped':
        return flush();
      case 'checking':
        return progress.step('Checking: reading the manifest and building');
      case 'drafted':
        return print('', ...draftLines(context, event.draft));
      case 'pushing':
        return progress.step('Pushing');
      default:
        return;
    }
  };
}

function toolText(name: string, input: unknown): string {
  const path = typeof input === 'object' && input !== null && 'path' in input ? ` ${String(input.path)}` : '';
  const words: Readonly<Record<string, string>> = {
    write_file: 'Writing',
    read_file: 'Reading',
    list_files: 'Looking at the files',
    check_app: 'Checking: reading the manifest and building',
  };
  return `${words[name] ?? name}${path}`;
}
