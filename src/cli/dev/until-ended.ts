import type { Io } from '../terminal/io.ts';
import { untilStopped } from '../terminal/until-stopped.ts';

/** Resolves at Ctrl-C, SIGTERM, when the terminal is closed (SIGHUP), or when the caller's signal aborts. */
export function untilEnded(io: Io): Promise<void> {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  process.once('SIGHUP', resolve);
  return Promise.race([untilStopped(io), hungUp]);
}
