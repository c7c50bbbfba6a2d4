/**
 * Packages that do nothing without a native part, and what to use instead. No install script is run and no add-on is loaded, so they
 * would fail when the app starts.
 */
export const NATIVE_PACKAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    argon2: 'Use `argon2` of node:crypto.',
    bcrypt: 'Use `bcryptjs`, which has the same functions, or `scrypt` of node:crypto.',
    'better-sqlite3': 'Use `DatabaseSync` of node:sqlite.',
    canvas: 'Draw SVG, which is text.',
    'classic-level': 'Use `DatabaseSync` of node:sqlite.',
    'isolated-vm': 'Run that code as an app of its own.',
    'node-pty': 'An app starts no other programs.',
    'node-sass': 'Use `sass`, which is JavaScript.',
    playwright: 'A browser is another program: call one over HTTP.',
    puppeteer: 'A browser is another program: call one over HTTP.',
    re2: 'Use RegExp, and bound the length of what it is given.',
    sharp: 'Use a package of WebAssembly, or serve images as they are.',
    sqlite3: 'Use `DatabaseSync` of node:sqlite.',
  }),
);
