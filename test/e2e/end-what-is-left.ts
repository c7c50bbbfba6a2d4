import { createInterface } from 'node:readline';
import { endAllOf } from './belongings.ts';

/** Reads which folders are in use (`+<folder>`) and which are not any more (`-<folder>`); at the end of its input nobody else will end what is left. */
const left = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) left.add(line.slice(1));
  else left.delete(line.slice(1));
}
await Promise.allSettled([...left].map(endAllOf));
