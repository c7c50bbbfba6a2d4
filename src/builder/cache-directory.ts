import { join } from 'node:path';

/** Where an office keeps what builds can use again, below its home; may be thrown away. */
export function buildCacheDirectory(home: string): string {
  return join(home, 'cache', 'builds');
}
