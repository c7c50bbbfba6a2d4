import { setTimeout as wait } from 'node:timers/promises';
import type { Io } from './io.ts';

const ESC = '\u001b[';
/** The terminal's other screen, so that what was there before comes back; the cursor is hidden meanwhile. */
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
const CTRL_C = '\u0003';

/** What a terminal's input can do beside being read. */
type RawInput = Io['stdin'] & { setRawMode?(raw: boolean): unknown };

/**
 * Draws a picture again and again until q or Ctrl-C is pressed, or the caller's signal aborts; then the terminal is as
 * it was. A line that is longer than the terminal is wide is cut by the terminal, not wrapped.
 *
 * @param picture its lines; what it throws ends the drawing and is thrown on
 */
export async function liveScreen(
  io: Io,
  everyMs: number,
  picture: (signal: AbortSignal) => Promise<readonly string[]>,
): Promise<void> {
  const stop = new AbortController();
  const signal = io.signal === undefined ? stop.signal : AbortSignal.any([io.signal, stop.signal]);
  const stdin: RawInput = io.stdin;
  const onKey = (key: Buffer | string) => {
    if (['q', 'Q', CTRL_C].includes(String(key))) stop.abort();
  };
  const onSignal = () => stop.abort();
  stdin.setRawMode?.(true);
  stdin.on('data', onKey);
  stdin.resume();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  io.stdout.write(`${ENTER}${ESC}?7l`);
  try {
    while (!signal.aborted) {
      const lines = await picture(signal);
      io.stdout.write(`${ESC}H${lines.map((line) => `${line}${ESC}K\r\n`).join('')}${ESC}J`);
      await wait(everyMs, undefined, { signal }).catch(() => {});
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    io.stdout.write(`${ESC}?7h${LEAVE}`);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    stdin.off('data', onKey);
    stdin.setRawMode?.(false);
    stdin.pause();
  }
}
