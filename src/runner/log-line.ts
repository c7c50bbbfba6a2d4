/** Who spoke: the app through its standard streams, or the platform about the app. */
export const LOG_ORIGINS = ['stdout', 'stderr', 'platform'] as const;
export type LogOrigin = (typeof LOG_ORIGINS)[number];

/** One line of `runners/<uuid>.log`. */
export interface LogLine {
  /** RFC 3339; empty for what the runtime's engine printed past the runner (a fatal error of V8). */
  readonly time: string;
  readonly origin: LogOrigin;
  readonly line: string;
  /** Generation of the runner that wrote it: during a swap two runners share the file. Null when unknown. */
  readonly generation: number | null;
}

/** Longest line kept, in UTF-16 units: an app must not fill the log with one print. */
const MAX_LINE = 16 * 1024;

/** The line as it stands in the log file, newline included. */
export function formatLogLine(entry: LogLine): string {
  const line = entry.line.length > MAX_LINE ? `${entry.line.slice(0, MAX_LINE)}…` : entry.line;
  return `${JSON.stringify({ time: entry.time, origin: entry.origin, line, generation: entry.generation })}\n`;
}

/** Reads a line of the log file; what is no JSON object of ours is taken as said by the platform. */
export function parseLogLine(text: string): LogLine {
  const foreign: LogLine = { time: '', origin: 'platform', line: text, generation: null };
  if (!text.startsWith('{')) return foreign;
  try {
    const value = JSON.parse(text) as Partial<LogLine>;
    if (typeof value.time !== 'string' || typeof value.line !== 'string') return foreign;
    const origin = value.origin === 'stdout' || value.origin === 'stderr' ? value.origin : 'platform';
    const generation = typeof value.generation === 'number' ? value.generation : null;
    return { time: value.time, origin, line: value.line, generation };
  } catch {
    return foreign; // a line torn by a crash is still worth reading
  }
}
