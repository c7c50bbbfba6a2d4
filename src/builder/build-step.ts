/**
 * What a build is at; `unboxed`: this machine has no sandbox, so it runs as a confined process; `warning`: something of the app may not work
 * where it will run; `cached`: an earlier build made the same.
 */
export const BUILD_STEPS = [
  'unboxed',
  'install',
  'bundle',
  'warning',
  'componentize',
  'transpile',
  'meter',
  'cached',
] as const;
export type BuildStep = (typeof BUILD_STEPS)[number];
