import { styleText } from 'node:util';
import type { Io, TerminalOutput } from './io.ts';

/** A `node:util` style name, or several. */
export type Style = Parameters<typeof styleText>[0];

/** Colours a text; without colours it gives the text back. */
export type Paint = (style: Style, text: string) => string;

/** Colours are for people: only on a terminal, and never with NO_COLOR (https://no-color.org) or a dumb terminal. */
export function painter(io: Io, stream: TerminalOutput): Paint {
  const coloured = stream.isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  return coloured
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}

/**
 * Text that came from outside (an app's log, a model, an event), made safe to print on a terminal: control
 * characters other than newline and tab are shown as `\xNN`, so that it cannot move the cursor or fake a prompt.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (char) =>
    char === '\n' || char === '\t' ? char : `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}
