export { lendPrograms } from './lent-programs.ts';
export { logFileForEachTest } from './log-file.ts';
