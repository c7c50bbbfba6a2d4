import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A place in the module, as it stands in stacks: the guest loads it under this name. */
const PLACE = /(?:file:\/\/)?\/app\/app\.mjs:(?<line>\d{1,7})(?::(?<column>\d{1,7}))?/g;
/** Bytes of a source map; a larger one is left alone, as reading it would keep the runner from its requests. */
const MAX_MAP_BYTES = 64 << 20;

/** Puts places of the app's source for those in its module. */
export type ToSource = (text: string) => string;

/** Where a place in the bundle (both count from 1) stands in the source: `src/index.ts:3:7`; null where nobody knows. */
export type PlaceOf = (line: number, column: number) => string | null;

/**
 * Reads the source map when a text first has a place in it.
 *
 * @param mapPath of a source map of version 3; one that cannot be read leaves texts as they are
 */
export function sourcePlaces(mapPath: string): ToSource {
  const placeOf = sourceMapAt(mapPath);
  return (text) => {
    if (!text.includes('/app/app.mjs:')) return text;
    return text.replace(
      PLACE,
      (place, line: string, column: string | undefined) =>
        placeOf(Number(line), Number(column ?? 1)) ?? place,
    );
  };
}

/** Reads the map with the first question. @param path of a source map of version 3; one that cannot be read knows no place */
export function sourceMapAt(path: string): PlaceOf {
  let map: SourceMap | null | undefined;
  return (line, column) => {
    if (map === undefined) map = readMap(path);
    const origin = map?.findOrigin(line, column);
    if (origin === undefined || !('fileName' in origin) || origin.fileName === undefined) return null;
    return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  };
}

function readMap(path: string): SourceMap | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > MAX_MAP_BYTES ? null : new SourceMap(JSON.parse(text));
  } catch {
    return null; // a place in the module is better than none
  }
}
