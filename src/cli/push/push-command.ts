import { shellWord } from '../terminal/prose.ts';

/** The command that pushes a folder, as a person can copy it; the folder they are in needs no name. */
export function pushCommand(dir: string): string {
  return dir === '.' ? 'tcli push' : `tcli push ${shellWord(dir)}`;
}
