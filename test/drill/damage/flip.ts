import { open, readFile, stat, writeFile } from 'node:fs/promises';
import type { Random } from '../random.ts';

/** Flips one bit of a file, as a disk that lies does. @returns which, in words */
export async function flipBit(file: string, random: Random): Promise<string> {
  const { size } = await stat(file);
  const at = random.int(0, size - 1);
  const bit = random.int(0, 7);
  await using handle = await open(file, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  buffer[0] = (buffer[0] ?? 0) ^ (1 << bit);
  await handle.write(buffer, 0, 1, at);
  return `bit ${bit} of byte ${at} of ${size}`;
}

/**
 * Flips the lowest bit of the first byte of a text where a file holds it, every time it does.
 *
 * @returns how often
 */
export async function flipText(file: string, text: string): Promise<number> {
  const bytes = await readFile(file);
  let times = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    times += 1;
  }
  await writeFile(file, bytes);
  return times;
}
