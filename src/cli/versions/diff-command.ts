import type { DifferenceReply } from '../client/versions.ts';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { printable } from '../terminal/style.ts';
import { sizeText } from '../terminal/table.ts';
import { versionNumber } from './version-number.ts';

export const diffCommand: CliCommand = {
  usage: 'diff <app> [from] [to]',
  summary: 'Show what is other in a version: files, keys of the manifest, what the app may reach',
  details:
    'Without numbers the newest version and the one before; with one, that version and the newest.\nExample: tabbify versions diff shop 3 5',
  async run(context, [name = '', from, to]) {
    const client = await context.client();
    const app = await client.findApp(name);
    const [newest] = await client.versions.list(app.uuid, 1);
    if (newest === undefined) {
      context.print(`${printable(app.name)} has no version yet.`);
      return;
    }
    const later = to === undefined ? newest.version : versionNumber(to);
    const earlier = from === undefined ? undefined : versionNumber(from);
    const difference = await client.versions.diff(app.uuid, later, earlier);
    if (context.json) return context.printJson(difference);
    context.print(...linesOf(context, app.name, difference));
  },
};

function linesOf({ paint }: Context, app: string, difference: DifferenceReply): string[] {
  const { files, manifest, capabilities, from, to } = difference;
  const plus = (text: string) => paint('green', `  + ${printable(text)}`);
  const minus = (text: string) => paint('red', `  - ${printable(text)}`);
  const head = paint(
    'bold',
    `${printable(app)}  ${from === null ? `version ${to}, the first` : `version ${from} → ${to}`}`,
  );
  const parts = [
    section('Files', [
      ...files.added.map(({ path, bytes }) => plus(`${path} (${sizeText(bytes)})`)),
      ...files.removed.map(({ path }) => minus(path)),
      ...files.changed.map(
        ({ path, before, after }) => `  ~ ${printable(path)} ${changeText(before, after)}`,
      ),
    ]),
    section(
      'Manifest',
      manifest.flatMap(({ key, before, after }) => [
        ...(before === undefined ? [] : [minus(`${key} = ${valueText(before)}`)]),
        ...(after === undefined ? [] : [plus(`${key} = ${valueText(after)}`)]),
      ]),
    ),
    section('May reach', [
      ...capabilities.added.map(({ kind, value }) => plus(`${kind}: ${value}`)),
      ...capabilities.removed.map(({ kind, value }) => minus(`${kind}: ${value}`)),
    ]),
  ].flat();
  return [head, ...(parts.length === 0 ? ['Nothing differs.'] : parts)];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function changeText(before: number, after: number): string {
  return before === after ? `(${sizeText(after)})` : `(${sizeText(before)} → ${sizeText(after)})`;
}

function valueText(value: unknown): string {
  return JSON.stringify(value);
}
