import type { Readable } from 'node:stream';

/**
 * Reads who waits at the gate: the first process of the new process namespace, by its number on this machine.
 *
 * @returns null when bubblewrap ended before it came that far
 */
export async function readChildPid(info: Readable): Promise<number | null> {
  info.setEncoding('utf8');
  let text = '';
  try {
    for await (const part of info) text += part;
  } catch {
    return null;
  }
  try {
    const pid: unknown = JSON.parse(text)['child-pid'];
    return typeof pid === 'number' ? pid : null;
  } catch {
    return null;
  }
}
