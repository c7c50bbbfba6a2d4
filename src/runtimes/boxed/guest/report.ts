import { inspect } from 'node:util';

const { stderr } = process;

/** Where the stack leaves the app: this program, and what of Node called it. */
const BELOW_THE_APP =
  /\n {4}at [^\n]*file:\/\/\/app\/guest[\w-]*\.mjs:[^\n]*(?:\n {4}at (?:[^\n]*file:\/\/\/app\/guest[\w-]*\.mjs:|[^\n]*\(?node:)[^\n]*)*/g;

/** Writes to the app's stderr what went wrong and where, as Node does it for what nobody catches. */
export function report(error: unknown): void {
  stderr.write(`${inspect(error).replace(BELOW_THE_APP, '')}\n`);
}
