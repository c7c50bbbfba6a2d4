/** What a build is at; `warning`: something of the app may not work where it will run; `cached`: an earlier build made the same. */
export type BuildStep = 'install' | 'bundle' | 'warning' | 'componentize' | 'transpile' | 'meter' | 'cached';
