import type { LogLine } from '../app-log.ts';
import { type PlaceOf, sourceMapAt } from '../source-places.ts';

/** A line of a stack as the engine writes them: `nested@app.js:34:9`, `async*fetch@app.js:18:5`. */
const FRAME = /^\s*(?:(?<wait>[\w ]+)\*)?(?<name>[^@*]*)@app\.js:(?<line>\d{1,7}):(?<column>\d{1,7})$/;
/** One within other text, e.g. of a log in JSON. */
const WITHIN = /@app\.js:(\d{1,7}):(\d{1,7})/g;
/** Lines of the engine's own start code, which name the place of a build, and of the platform's in an engine that has loaded the app. */
const ENGINE = /@\S*\b(?:initializer|engine)\.js:\d+:\d+$/;
/** Names of the modules that the platform puts around an app. */
const SHIM = 'tabbify:';

/** Puts places of the source into the lines of an app's log that have places of its bundle; lines of the platform's own code are left out. */
export function withSourcePlaces(write: LogLine, mapPath: string | null): LogLine {
  if (mapPath === null) return write;
  const placeOf = sourceMapAt(mapPath);
  return (origin, line) => {
    const text = origin === 'platform' ? line : inSource(line, placeOf);
    if (text !== null) write(origin, text);
  };
}

/**
 * A line of output with places of the source, written as Node writes stacks: `    at nested (src/lib/x.ts:12:7)`.
 *
 * @returns null: it tells of nothing that is the app's
 */
export function inSource(line: string, placeOf: PlaceOf): string | null {
  if (ENGINE.test(line)) return null;
  if (!line.includes('@app.js:')) return line;
  const frame = FRAME.exec(line)?.groups;
  if (frame === undefined) {
    return line.replace(WITHIN, (place, row: string, column: string) => {
      const found = placeOf(Number(row), Number(column));
      return found === null ? place : `@${found}`;
    });
  }
  const { wait, name, line: row, column } = frame;
  const place = placeOf(Number(row), Number(column));
  if (place === null) return line;
  if (place.startsWith(SHIM)) return null;
  const called = `${wait === 'async' ? 'async ' : ''}${name ?? ''}`.trim();
  return called === '' ? `    at ${place}` : `    at ${called} (${place})`;
}
