export { logFileForEachTest } from './log-file.ts';
