/** What a build is at; `cached`: an earlier build made the same. */
export type BuildStep = 'install' | 'bundle' | 'componentize' | 'transpile' | 'meter' | 'cached';
