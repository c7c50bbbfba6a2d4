import { createHash } from 'node:crypto';

/** UUID v7 of an instant: its millisecond, then what tells one from another within it. */
export function idAt(epochMs: number, distinct: number): string {
  const time = epochMs.toString(16).padStart(12, '0');
  const tail = distinct.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

/** SHA-256 of what a thing is called: stands for its bytes. */
export function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
