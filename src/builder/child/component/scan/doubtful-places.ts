import { SourceMap } from 'node:module';
import { type Loader, transform } from 'esbuild';
import type { Look } from '../../confinement.ts';
import { packageOf } from '../../package-of.ts';
import { membersOf } from '../builtins/missing-members.ts';
import { insteadOfMember, PROVIDED_MODULES } from '../builtins/provided.ts';
import { MISSING_GLOBALS, POORER_CALLS } from './missing-globals.ts';

/** What a name that is looked for is called in the text that is searched; nobody calls a variable so. */
const MARK = '__tabbifyMissing';
const NAMES = Object.keys(MISSING_GLOBALS);
/** The bundler renames what is global alone: neither what the app declares itself, nor types, nor words in texts. */
const MARKS = Object.fromEntries(NAMES.map((name, at) => [name, `${MARK}${at}`]));
/** To leave out files at once that have nothing of it. */
const ANY_NAME = new RegExp(
  [...new Set(NAMES.map((name) => name.split('.').at(-1))), 'toLocale', 'crypto', ...PROVIDED_MODULES.keys()]
    .map((name) => name?.replaceAll('/', '\\/'))
    .join('|'),
);
const MARKED = new RegExp(`(typeof )?\\b${MARK}(\\d+)\\b`, 'g');
const IMPORTED =
  /^(?:import (\w+)(?:, .*?)? from|(?:const|let|var) (\w+) = require\() ?"(?:node:)?([\w/]+)"/gm;
/** Warnings of one app; more say nothing new. */
const MAX_WARNINGS = 50;
/** Places of one file that are looked up: a generated one may have any number. */
const MAX_IN_FILE = 100;

/** A place in a text, by its index, and what is to be said of it. */
interface Doubt {
  readonly at: number;
  readonly text: string;
}

/**
 * Finds where the app's own source uses what a component lacks: globals, members of provided modules by a default import, formats of other
 * languages. What stands under a `typeof` somewhere in the file is guarded. Packages are left alone, since nobody can change them.
 */
export function doubtfulPlaces(): {
  readonly look: Look;
  readonly warnings: () => readonly string[];
} {
  const found: { readonly path: string; readonly line: number; readonly text: string }[] = [];
  const look: Look = async (path, source, loader) => {
    if (packageOf(path) !== null || !isCode(loader) || !ANY_NAME.test(source)) return;
    const plain = await transform(source, {
      loader,
      define: MARKS,
      jsx: 'preserve',
      sourcemap: 'external',
      sourcefile: path,
      format: 'esm',
      logLevel: 'silent',
      tsconfigRaw: {},
    }).catch(() => null); // the bundler says what is wrong with it
    if (plain === null) return;
    const doubts = [...globalsIn(plain.code), ...poorerCallsIn(plain.code), ...(await membersIn(plain.code))];
    if (doubts.length === 0) return;
    const map = new SourceMap(JSON.parse(plain.map));
    for (const { at, text } of doubts.slice(0, MAX_IN_FILE))
      found.push({ path, ...placeOf(map, plain.code, at, path, text) });
  };
  return {
    look,
    warnings() {
      const texts = [...found]
        .sort((left, right) => left.path.localeCompare(right.path) || left.line - right.line)
        .map(({ text }) => text);
      const more = texts.length - MAX_WARNINGS;
      return more > 0 ? [...texts.slice(0, MAX_WARNINGS), `and ${more} more such places`] : texts;
    },
  };
}

function isCode(loader: Loader): boolean {
  return ['js', 'jsx', 'ts', 'tsx'].includes(loader);
}

function placeOf(map: SourceMap, code: string, at: number, path: string, text: string) {
  const before = code.slice(0, at).split('\n');
  const origin = map.findOrigin(before.length, (before.at(-1)?.length ?? 0) + 1);
  const [line, column] =
    'lineNumber' in origin ? [origin.lineNumber, origin.columnNumber] : [before.length, 1];
  return { line, text: `${path}:${line}:${column}: ${text}` };
}

function globalsIn(code: string): Doubt[] {
  const places = [...code.matchAll(MARKED)];
  const guarded = new Set(places.filter(([, isGuard]) => isGuard !== undefined).map(([, , index]) => index));
  return places.flatMap(({ index, 2: number }) => {
    const name = NAMES[Number(number)];
    if (name === undefined || guarded.has(number)) return [];
    return { at: index, text: `${name} is not there as wasm-http. ${MISSING_GLOBALS[name]}` };
  });
}

function poorerCallsIn(code: string): Doubt[] {
  return POORER_CALLS.flatMap(({ pattern, text, hint }) =>
    [...code.matchAll(pattern)].map(({ index, 1: name }) => ({
      at: index + 1,
      text: `${name} ${text} as wasm-http. ${hint}`,
    })),
  );
}

/** Of what is imported by default or required; names that are imported one by one, and those of a namespace, the bundler checks itself. */
async function membersIn(code: string): Promise<Doubt[]> {
  const doubts: Doubt[] = [];
  for (const [, imported, required, module] of code.matchAll(IMPORTED)) {
    const name = imported ?? required;
    if (name === undefined || module === undefined || !PROVIDED_MODULES.has(module)) continue;
    const { missing } = await membersOf(module);
    for (const { index, 1: member } of code.matchAll(new RegExp(`(?<![.\\w$])${name}\\.(\\w+)`, 'g'))) {
      if (member === undefined || !missing.includes(member)) continue;
      doubts.push({
        at: index,
        text: `${member} of node:${module} is not there as wasm-http. ${insteadOfMember(module, member)}`,
      });
    }
  }
  return doubts;
}
