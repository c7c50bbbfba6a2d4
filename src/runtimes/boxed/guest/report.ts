import { inspect } from 'node:util';

const { stderr } = process;

/** Writes to the app's stderr what went wrong and where, as Node does it for what nobody catches. */
export function report(error: unknown): void {
  stderr.write(`${inspect(error)}\n`);
}
