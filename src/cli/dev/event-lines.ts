import { formatDiagnostic } from '../../app/index.ts';
import type { DevEvent } from '../../dev/index.ts';
import { partsOf } from '../terminal/print-error.ts';
import { type Paint, printable } from '../terminal/style.ts';

/** One line for the terminal. */
export interface EventLine {
  readonly text: string;
  /** A text of ours, that may be broken between words; otherwise it is what an app wrote, or source. */
  readonly isProse: boolean;
}

/** Columns of the time before each event. */
const MARGIN = ' '.repeat(10);
/** Lines of source with their number, and marks below them. */
const SOURCE = /^\s*(?:\d+ )?\|| {2,}\^/;
const WALLS = {
  process: 'in a sandbox',
  wasm: 'in a sandbox',
  'wasm-bare': 'without a sandbox, which this machine does not have',
  vm: 'in a machine of its own',
} as const;
/** Entries of the list that are shown; all of them stand in the manifest. */
const SHOWN_HOSTS = 6;
const ALONE = 'no other apps run here';
const KEEPS_SERVING = 'What was saved before goes on serving.';

/** An event as a person reads it. */
export function eventLines(event: DevEvent, now: Date, paint: Paint): readonly EventLine[] {
  const clock = paint('dim', now.toTimeString().slice(0, 8));
  const head = (text: string, isProse = true): EventLine => ({ text: `${clock}  ${text}`, isProse });
  const below = (text: string, isProse = true): EventLine => ({ text: `${MARGIN}${text}`, isProse });
  switch (event.event) {
    case 'listening':
      return [head(`${paint('bold', event.url)}  Ctrl-C ends it`, false)];
    case 'runtime': {
      const runs = event.runtime === null ? 'static files alone' : `${event.runtime}, ${wallOf(event)}`;
      return [head(`${paint('bold', printable(event.name))}: ${runs}`)];
    }
    case 'grant': {
      const apps = event.apps.map((entry) => below(paint('dim', `${printable(entry)} cannot be: ${ALONE}`)));
      return [head(`may call  ${mayCall(event.hosts)}`), ...apps];
    }
    case 'serving': {
      const took = `${event.again ? 'reloaded' : 'ready'} in ${Math.round(event.ms)} ms`;
      return [head(paint('green', took))];
    }
    case 'failed': {
      const { what, why, hint } = partsOf(event.error);
      const lines = (text: string): EventLine[] =>
        printable(text)
          .split('\n')
          .map((line) => below(line, !SOURCE.test(line)));
      return [
        head(`${paint(['red', 'bold'], 'error')} ${printable(what)}`),
        ...(why === null ? [] : lines(why)),
        ...lines(hint),
        ...(event.serving ? [below(paint('dim', KEEPS_SERVING))] : []),
      ];
    }
    case 'manifest': {
      const colours = { error: 'red', warning: 'yellow' } as const;
      const shown = event.diagnostics.flatMap((diagnostic) => {
        const [first = '', ...more] = formatDiagnostic(diagnostic, event.text).split('\n');
        return [head(paint(colours[diagnostic.severity], first)), ...more.map((line) => below(line, false))];
      });
      return [...shown, ...(event.serving ? [below(paint('dim', KEEPS_SERVING))] : [])];
    }
    case 'warning':
      return [head(`${paint('yellow', 'warning')} ${printable(event.text)}`)];
    case 'note':
      return [head(paint('dim', printable(event.text)))];
    case 'log': {
      const colours = { stdout: 'cyan', stderr: 'red', platform: 'yellow' } as const;
      return [
        head(`${paint(colours[event.origin], event.origin.padEnd(8))} ${printable(event.line)}`, false),
      ];
    }
    case 'request': {
      const { method, path, status, ms } = event;
      const line = `${method} ${printable(path)} ${status ?? 'broken off'} ${Math.round(ms)} ms`;
      return [head(paint(status !== null && status >= 500 ? 'red' : 'dim', line), false)];
    }
    case 'ended':
      return [
        head(`${paint(['red', 'bold'], 'the app has ended')}: ${printable(event.reason)}`),
        below(paint('dim', 'The next request starts it again, and so does the next save.')),
      ];
  }
}

function mayCall(hosts: readonly string[]): string {
  if (hosts.length === 0) return 'nothing outside';
  const more = hosts.length - SHOWN_HOSTS;
  const shown = hosts.slice(0, SHOWN_HOSTS).map(printable).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function wallOf({ isolation }: Extract<DevEvent, { event: 'runtime' }>): string {
  return isolation === null ? 'behind no wall' : WALLS[isolation];
}
