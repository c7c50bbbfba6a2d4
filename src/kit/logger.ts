import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * The office's structured log: one JSON line per fact on stderr.
 *
 * @param room which part speaks, e.g. `node` or `supervisor`
 * @param level pino level; `TABBIFY_LOG_LEVEL` decides at the composition, default `info`
 */
export function createLogger(room: string, level = 'info'): Logger {
  return pino({ level, base: { room }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

/** A logger that keeps quiet, for tests and for CLI commands. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
