import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A place in the module, as it stands in stacks: the guest loads it under this name. */
const PLACE = /(?:file:\/\/)?\/app\/app\.mjs:(?<line>\d{1,7})(?::(?<column>\d{1,7}))?/g;
/** Bytes of a source map; a larger one is left alone, as reading it would keep the runner from its requests. */
const MAX_MAP_BYTES = 64 << 20;

/** Puts places of the app's source for those in its module. */
export type ToSource = (text: string) => string;

/**
 * Reads the source map when a text first has a place in it.
 *
 * @param mapPath of a source map of version 3; one that cannot be read leaves texts as they are
 */
export function sourcePlaces(mapPath: string): ToSource {
  let map: SourceMap | null | undefined;
  return (text) => {
    if (!text.includes('/app/app.mjs:')) return text;
    if (map === undefined) map = readMap(mapPath);
    if (map === null) return text;
    const known = map;
    return text.replace(PLACE, (place, line: string, column: string | undefined) =>
      inSource(known, place, Number(line), Number(column ?? 1)),
    );
  };
}

function inSource(map: SourceMap, place: string, line: number, column: number): string {
  const origin = map.findOrigin(line, column);
  if (!('fileName' in origin) || origin.fileName === undefined) return place;
  return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
}

function readMap(path: string): SourceMap | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > MAX_MAP_BYTES ? null : new SourceMap(JSON.parse(text));
  } catch {
    return null; // a place in the module is better than none
  }
}
