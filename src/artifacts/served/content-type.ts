import { getMimeType } from 'hono/utils/mime';

/** What a static file is when nobody can tell: browsers save it instead of guessing (`nosniff`). */
const UNKNOWN = 'application/octet-stream';

/** Those that the library does not know; by extension. */
const MORE: ReadonlyMap<string, string> = new Map([
  ['apk', 'application/vnd.android.package-archive'],
  ['cjs', 'text/javascript; charset=utf-8'],
  ['flac', 'audio/flac'],
  ['geojson', 'application/geo+json'],
  ['heic', 'image/heic'],
  ['jxl', 'image/jxl'],
  ['m4a', 'audio/mp4'],
  ['m4v', 'video/mp4'],
  ['md', 'text/markdown; charset=utf-8'],
  ['mov', 'video/quicktime'],
  ['rss', 'application/rss+xml'],
  ['atom', 'application/atom+xml'],
  ['toml', 'application/toml'],
  ['vtt', 'text/vtt; charset=utf-8'],
  ['wav', 'audio/wav'],
  ['yaml', 'application/yaml'],
  ['yml', 'application/yaml'],
]);

/** `Content-Type` of a file by its name, with `charset=utf-8` for text. */
export function contentTypeOf(path: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return MORE.get(extension) ?? getMimeType(path) ?? UNKNOWN;
}

/** Is it text of some kind, which gets shorter? Images, sounds and archives are compressed already. */
export function isCompressible(contentType: string): boolean {
  return /^text\/|[/+](json|xml|javascript|yaml|toml)\b|manifest\+json|^application\/wasm|fontobject|^font\/(otf|ttf)|^image\/(bmp|svg|x-icon)/.test(
    contentType,
  );
}
