import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { PUT_BACK } from './put-back.ts';

const CUSTOM_SECTION = 0;

/** A module without its custom sections: they hold the names of the text. */
function bare(module: Uint8Array): Buffer {
  const parts = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const start = at;
    const id = module[at++];
    let [size, shift, byte] = [0, 0, 0x80];
    for (; byte >= 0x80; shift += 7) {
      byte = module[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
    }
    at += size;
    if (id !== CUSTOM_SECTION) parts.push(module.subarray(start, at));
  }
  return Buffer.concat(parts);
}

test('what puts memories back is what its text says', async () => {
  const text = await readFile(join(import.meta.dirname, 'put-back.wat'), 'utf8');
  expect(PUT_BACK).toBe(bare(await parse(text)).toString('base64'));
});
