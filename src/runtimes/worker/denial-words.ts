/** What Node's permission model says, with the flag of the second layer that somebody who starts Node himself would give. */
const DENIAL = /Access to this API has been restricted\. Use --allow-([a-z-]+) to manage permissions\./g;

/** What an app's author can do about it: no flag is his. */
const INSTEAD: Readonly<Record<string, string>> = {
  'fs-write':
    'An app writes files in /tmp only, which is small and gone with its process: keep there what may be lost.',
  'fs-read':
    'An app reads files in /tmp only: import what comes with it (text, JSON, bytes), so that it is bundled.',
  'child-process':
    'An app starts no other programs: use a package of JavaScript or WebAssembly that does the same.',
  worker: 'An app has no worker threads: do it in the process itself, or in another app.',
  addons: 'An app loads no native add-ons: use a package of JavaScript or WebAssembly that does the same.',
  wasi: 'An app has no node:wasi: use WebAssembly without it.',
  ffi: 'An app calls no libraries of the system: use a package of JavaScript or WebAssembly that does the same.',
  inspector: 'An app has no inspector: write to its log.',
};

/** Puts what helps where Node names a flag that nobody can give here. */
export function withoutFlags(text: string): string {
  if (!text.includes('Use --allow-')) return text;
  return text.replace(DENIAL, (said, flag: string) => INSTEAD[flag] ?? said);
}
