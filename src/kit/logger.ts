import { type Logger, pino } from 'pino';
import { terminalLine } from './terminal-line.ts';

export type { Logger };

/**
 * The office's structured log on stderr: one JSON line per fact, or one line for people where stderr is a terminal.
 *
 * @param room which part speaks, e.g. `node` or `supervisor`
 * @param level pino level; `TABBIFY_LOG_LEVEL` decides at the composition, default `info`
 */
export function createLogger(room: string, level = 'info'): Logger {
  const lines = pino.destination(2);
  const out = process.stderr.isTTY ? { write: (line: string) => lines.write(terminalLine(line)) } : lines;
  return pino({ level, base: { room }, timestamp: pino.stdTimeFunctions.isoTime }, out);
}

/** A logger that keeps quiet, for tests and for CLI commands. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
