import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Coding } from './codings.ts';

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Bytes; what is smaller fits into one packet either way. */
export const WORTH_COMPRESSING = 1024;

/** Where most of what can be saved is saved, in a fiftieth of the time that the last percents take. */
const QUALITY = { br: 6, gzip: 6 } as const;

/** In a thread of its own. @returns null when hardly anything is saved */
export async function compressed(bytes: Buffer, coding: Coding): Promise<Buffer | null> {
  const shorter =
    coding === 'gzip'
      ? await gzipped(bytes, { level: QUALITY.gzip })
      : await brotli(bytes, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: QUALITY.br,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          },
        });
  return shorter.length <= bytes.length * 0.95 ? shorter : null;
}
