import type { LogOrigin } from './log-line.ts';
import type { GivenSecret } from './protocol.ts';

/** Puts `[redacted:NAME]` in the place of values (CONTRACTS §6). */
export interface Redactor {
  /** Words that leave this process, such as those in which an app ended. */
  text(text: string): string;
  /** The next line of a log; what an app writes without a newline comes cut into several. */
  line(origin: LogOrigin, line: string): string;
}

export const NOTHING_TO_HIDE: Redactor = { text: (text) => text, line: (_, line) => line };

/** Characters from which on a value, or a line of one, is looked for: what is shorter stands in many a word. */
const MIN_LENGTH = 12;
/** Characters that a line has at least which was cut: 8 KiB, of four bytes each. */
const MAYBE_CUT = 2_048;

interface Needle {
  readonly text: string;
  readonly instead: string;
}

/** Of a value with several lines each is looked for, and each as JSON writes it too. */
export function redacting(secrets: readonly GivenSecret[]): Redactor {
  const found = new Map<string, string>();
  for (const { name, value } of secrets) {
    const text = Buffer.from(value, 'base64').toString('utf8');
    for (const part of [text, ...text.split(/\r?\n|\r/)]) {
      for (const each of [part, part.trim(), JSON.stringify(part).slice(1, -1)])
        if (each.length >= MIN_LENGTH && !found.has(each)) found.set(each, `[redacted:${name}]`);
    }
  }
  if (found.size === 0) return NOTHING_TO_HIDE;
  const needles = [...found]
    .map(([text, instead]): Needle => ({ text, instead }))
    .sort((one, other) => other.text.length - one.text.length);
  /** By origin, what a value that the last line ended in would go on with. */
  const open = new Map<LogOrigin, readonly Needle[]>();

  return {
    text: (text) => hidden(text, needles),
    line(origin, line) {
      const begun = open.get(origin)?.find(({ text }) => line.startsWith(text));
      open.delete(origin);
      const whole = begun === undefined ? line : `${begun.instead}${line.slice(begun.text.length)}`;
      const clean = hidden(whole, needles);
      if (line.length < MAYBE_CUT) return clean;
      const cut = endings(clean, needles);
      const [longest] = cut;
      if (longest === undefined) return clean;
      open.set(
        origin,
        cut.map(({ needle, length }) => ({ ...needle, text: needle.text.slice(length) })),
      );
      return `${clean.slice(0, clean.length - longest.length)}${longest.needle.instead}`;
    },
  };
}

function hidden(text: string, needles: readonly Needle[]): string {
  let clean = text;
  for (const { text: needle, instead } of needles) {
    if (clean.includes(needle)) clean = clean.replaceAll(needle, () => instead);
  }
  return clean;
}

/** Where a line ends with the beginning of a value, and how much of it that is; the longest first. */
function endings(line: string, needles: readonly Needle[]): { needle: Needle; length: number }[] {
  const last = line.at(-1);
  const found: { needle: Needle; length: number }[] = [];
  for (const needle of needles) {
    for (let length = needle.text.length - 1; length > 0; length--) {
      if (needle.text[length - 1] === last && line.endsWith(needle.text.slice(0, length)))
        found.push({ needle, length });
    }
  }
  return found.sort((one, other) => other.length - one.length);
}
