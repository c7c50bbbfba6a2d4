import { PATH_MOUNT_POLICY } from '../edge/response-head.ts';
import { cacheControlOf } from './cache-control.ts';
import type { Form, StaticFile } from './version-files.ts';

/** Where and how an app is visited, as far as the head of an answer depends on it. */
export interface Visited {
  readonly isPrivate: boolean;
  /** The answer shares the office's origin and is fenced in. */
  readonly underPathMount: boolean;
}

/** Head of a whole answer. @param length bytes of the body */
export function wholeHead(
  file: StaticFile,
  form: Form,
  length: number,
  lastModified: string,
  visited: Visited,
): readonly string[] {
  const key = `${form.coding} ${visited.isPrivate} ${visited.underPathMount}`;
  const known = file.heads.get(key);
  if (known !== undefined) return known;
  const head = [
    ...['content-type', file.contentType, 'content-length', String(length)],
    ...(form.coding === null ? ['accept-ranges', 'bytes'] : ['content-encoding', form.coding]),
    ...sharedHead(file, form, lastModified, visited),
  ];
  file.heads.set(key, head);
  return head;
}

/** What stands in every answer about a file, a 304 too (RFC 9110 §15.4.5). */
export function sharedHead(
  file: StaticFile,
  form: Form,
  lastModified: string,
  { isPrivate, underPathMount }: Visited,
): string[] {
  return [
    ...['etag', form.etag, 'last-modified', lastModified],
    ...['cache-control', cacheControlOf(file.path, isPrivate)],
    ...(file.br === null && file.gzip === null ? [] : ['vary', 'accept-encoding']),
    ...fence(underPathMount),
  ];
}

/** Nobody guesses types; and under the path mount scripts of an app do not act in the office's name. */
export function fence(underPathMount: boolean): string[] {
  const policy = underPathMount ? ['content-security-policy', PATH_MOUNT_POLICY] : [];
  return ['x-content-type-options', 'nosniff', ...policy];
}
