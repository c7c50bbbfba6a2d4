import type { AppFigures } from '../../client/metrics.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { choiceOption } from '../../options.ts';
import { liveScreen } from '../../terminal/live-screen.ts';
import { visibleWidth } from '../../terminal/prose.ts';
import { printable } from '../../terminal/style.ts';
import { sizeText, tableLines } from '../../terminal/table.ts';

/** Milliseconds between two pictures. */
const EVERY_MS = 2_000;
const ORDERS = ['cpu', 'requests'] as const;
const COLOURS = {
  running: 'green',
  failed: 'red',
  crashed: 'red',
  parked: 'red',
  starting: 'yellow',
} as const;

export const top: CliCommand<{ readonly once?: boolean; readonly sort?: string }> = {
  usage: 'top',
  summary: 'Show what the apps do now: requests, latency, errors, memory, CPU, fuel',
  details:
    'The table shows the last 30 seconds and is drawn anew every 2 seconds; q or Ctrl-C ends it. With --once, with --json ' +
    'and where there is no terminal it is printed once. CPU is of one processor; p50 and p99 are the times from a request ' +
    'to the head of its answer that half and 99 in 100 of the answers did not exceed. FUEL/S is instructions a second, ' +
    'where the runtime counts them.',
  options: [
    { flags: '--once', summary: 'print the table once and end' },
    {
      flags: '--sort <figure>',
      summary: 'the apps with the most of it first: cpu (default) or requests',
      parse: choiceOption('--sort', ORDERS),
    },
  ],
  async run(context, _args, { once = false, sort = 'cpu' }) {
    const client = await context.client();
    const look = async (signal?: AbortSignal) => sorted(await client.figures(signal), sort);
    const { io } = context;
    if (context.json) return context.printJson({ apps: await look(io.signal) });
    if (once || io.stdout.isTTY !== true || io.stdin.isTTY !== true) {
      for (const line of pictureOf(context, await look(io.signal))) context.printRaw(line);
      return;
    }
    await liveScreen(io, EVERY_MS, async (signal) => pictureOf(context, await look(signal)));
  },
};

/** Those with the most first; equals by name, so that rows do not jump. */
function sorted(apps: readonly AppFigures[], by: string): readonly AppFigures[] {
  const figure = (app: AppFigures) => (by === 'requests' ? app.requests_per_sec : app.cpu_percent);
  return apps.toSorted((a, b) => figure(b) - figure(a) || (a.slug < b.slug ? -1 : 1));
}

const HEAD = ['APP', 'STATE', 'REQ/S', 'P50', 'P99', 'ERR/S', 'MEMORY', 'CPU', 'FUEL/S', 'RESTARTS'];

function pictureOf({ paint }: Context, apps: readonly AppFigures[]): string[] {
  if (apps.length === 0) return ['The office has no apps yet. Push one: `tcli push <dir>`.'];
  const rows = apps.map((app) => [
    paint('bold', printable(app.name)),
    paint(COLOURS[app.state as keyof typeof COLOURS] ?? 'reset', app.state),
    ...[
      number(app.requests_per_sec),
      time(app.p50_ms),
      time(app.p99_ms),
      app.errors_per_sec > 0 ? paint('red', number(app.errors_per_sec)) : '0',
      app.memory_bytes === null ? '-' : sizeText(app.memory_bytes),
      app.memory_bytes === null ? '-' : `${number(app.cpu_percent)} %`,
      app.fuel_per_sec === 0 ? '-' : short(app.fuel_per_sec),
      String(app.restarts),
    ],
  ]);
  return tableLines(toRight([HEAD.map((text) => paint('dim', text)), ...rows], 2));
}

/** Figures stand under each other by their last digit. */
function toRight(rows: readonly (readonly string[])[], from: number): string[][] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => visibleWidth(row[column] ?? ''))));
  return rows.map((row) =>
    row.map((cell, column) =>
      column < from ? cell : ' '.repeat((widths[column] ?? 0) - visibleWidth(cell)) + cell,
    ),
  );
}

function number(value: number): string {
  return value === 0 ? '0' : value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/** With a decimal prefix: fuel is counted in single instructions. */
function short(value: number): string {
  const steps = Math.min(3, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${number(value / 1000 ** steps)}${['', ' k', ' M', ' G'][steps]}`;
}

function time(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 1_000 ? `${number(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
