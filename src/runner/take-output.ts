import { closeSync, fstatSync, openSync, statSync } from 'node:fs';

const STDOUT = 1;
const STDERR = 2;

/**
 * Makes a file this process's standard output and error, for the engine's last words as much as for the log. A host that
 * waited for its app was started before anybody knew where that is.
 *
 * @param path file to append to, made with 0600
 * @throws when the file cannot be opened, or another thread got hold of the descriptor in between
 */
export function takeOutput(path: string): void {
  if (isOutput(path)) return;
  for (const wanted of [STDOUT, STDERR]) {
    // open(2) gives back the lowest free descriptor; there is no dup2 in node.
    closeSync(wanted);
    const got = openSync(path, 'a', 0o600);
    if (got !== wanted) throw new Error(`the log was opened as descriptor ${got} instead of ${wanted}`);
  }
}

function isOutput(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return false;
  return [STDOUT, STDERR].every((fd) => {
    const { dev, ino } = fstatSync(fd);
    return dev === file.dev && ino === file.ino;
  });
}
