export { run as runTabbify } from './tabbify.ts';
export { run as runTcli } from './tcli.ts';
export type { Io } from './terminal/io.ts';
