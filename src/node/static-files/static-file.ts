import { contentTypeOf, isCompressible, type TreeFiles } from '../../artifacts/index.ts';
import type { Coding } from './codings.ts';
import { WORTH_COMPRESSING } from './compress.ts';
import type { Form, StaticFile } from './version-files.ts';

/** Bytes of a file that is held in memory; a larger one is read from disk and never compressed here. */
export const MOST_IN_MEMORY = 2 * 1024 * 1024;

const ENDING = { br: '.br', gzip: '.gz' } as const;

/**
 * A file and the forms in which it is sent: what was pushed beside it (`app.css.br`) before what is made of it.
 *
 * @param path one of the files
 */
export function staticFileOf(files: TreeFiles, path: string): StaticFile | null {
  const digest = files.get(path);
  if (digest === undefined) return null;
  const contentType = contentTypeOf(path);
  const { sha256, size } = digest;
  const isMade = isCompressible(contentType) && size >= WORTH_COMPRESSING && size <= MOST_IN_MEMORY;
  const formOf = (coding: Coding): Form | null => {
    const beside = files.get(path + ENDING[coding]);
    if (beside !== undefined) return { ...published(path + ENDING[coding], beside), coding };
    if (!isMade) return null;
    const etag = `"${sha256.slice(0, 32)}-${coding}"`;
    return { coding, etag, key: `${sha256} ${coding}`, isMade: true, from: path, sha256, size };
  };
  return {
    path,
    contentType,
    asItIs: { ...published(path, digest), coding: null },
    br: formOf('br'),
    gzip: formOf('gzip'),
    heads: new Map(),
  };
}

function published(path: string, { sha256, size }: { readonly sha256: string; readonly size: number }) {
  return { etag: `"${sha256.slice(0, 32)}"`, key: sha256, isMade: false, from: path, sha256, size };
}
