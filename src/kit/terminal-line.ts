import { styleText } from 'node:util';

/** What pino writes of every fact; the rest are its own keys. */
interface Fact extends Readonly<Record<string, unknown>> {
  readonly level: number;
  readonly time: string;
  readonly room: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

/** Name and colour from this pino level on. */
const LEVELS = [
  [50, 'error', 'red'],
  [40, 'warn', 'yellow'],
  [30, 'info', 'green'],
  [0, 'debug', 'dim'],
] as const;

/**
 * A line of the log as a person reads it: time of day, level, room, what happened, then the rest as `key=value`. From `error`
 * on the place in the code stands below it.
 *
 * @param json one line as pino writes it; what is not such a line is given back as it is
 */
export function terminalLine(json: string): string {
  const fact = factOf(json);
  if (fact === null) return json;
  const { level, time, room, msg = '', err, ...rest } = fact;
  const [, name, colour] = LEVELS.find(([from]) => level >= from) ?? LEVELS[3];
  const facts = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const what = err === undefined ? msg : `${msg}: ${err.message ?? 'without a message'}`;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const head = `${styleText('dim', clock)} ${styleText(colour, name.padEnd(5))} ${room}: ${printable(what)}`;
  const line = [head, ...(facts.length === 0 ? [] : [styleText('dim', printable(facts.join(' ')))])].join(
    '  ',
  );
  const stack = level >= 50 && err?.stack ? err.stack.split('\n').slice(1).map(printable) : [];
  return `${[line, ...stack].join('\n')}\n`;
}

function factOf(json: string): Fact | null {
  try {
    const value = JSON.parse(json);
    return typeof value?.level === 'number' && typeof value.room === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** Nothing that is logged may move the cursor. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => (char === '\n' ? ' / ' : JSON.stringify(char).slice(1, -1)));
}
