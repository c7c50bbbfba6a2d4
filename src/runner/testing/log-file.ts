import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** An app's log, opened for appending. */
export interface LogFile {
  path: string;
  /** Closed after the test; a test that closes it puts another in its place. */
  fd: number;
}

/** An empty log for each test of a file, in a folder of its own that is gone afterwards. Call it at the top of the file. */
export function logFileForEachTest(): LogFile {
  const file: LogFile = { path: '', fd: -1 };
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tabbify-log-'));
    file.path = join(directory, 'app.log');
    file.fd = openSync(file.path, 'a', 0o600);
  });
  afterEach(() => {
    closeSync(file.fd);
    rmSync(directory, { recursive: true, force: true });
  });
  return file;
}
