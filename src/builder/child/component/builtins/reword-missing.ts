import { isBuiltin } from 'node:module';
import type { Reword } from '../../bundle-error.ts';
import { insteadOfMember, PROVIDED_MODULES } from './provided.ts';
import { refusalOf } from './refused.ts';

/** What the bundler says of a name that a module does not export: as an error of what is imported, as a warning of what is looked up. */
const NO_EXPORT = /^No matching export in "node:([\w/]+)(?:\?\w+)?" for import "([^"]+)"/;
const UNDEFINED_EXPORT =
  /^Import "([^"]+)" will always be undefined because there is no matching export in "node:([\w/]+)/;

/** Puts our words where the bundler has found out by itself that something of Node is not there. */
export const rewordMissing: Reword = ({ text }) => {
  const [, named, member] = NO_EXPORT.exec(text) ?? [];
  if (named !== undefined && member !== undefined) return wordsFor(named, member);
  const [, looked, module] = UNDEFINED_EXPORT.exec(text) ?? [];
  if (module !== undefined && looked !== undefined) return wordsFor(module, looked);
  const [, unresolved] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
  if (unresolved === undefined || !isBuiltin(unresolved)) return null;
  return refusalOf(unresolved);
};

function wordsFor(module: string, member: string): { readonly text: string; readonly hint: string } | null {
  if (!PROVIDED_MODULES.has(module)) return null;
  return {
    text: `${member} of node:${module} is not there: the app is built as wasm-http, which has a part of that module`,
    hint: insteadOfMember(module, member),
  };
}
