/**
 * Writes a log on a disk that fills up and gets room again, at random, and says how it came out:
 * `log-on-small-disk.ts tmpfs|prlimit <directory> <seed>`. `tmpfs` needs a mount namespace of its own.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../../../test/drill/random.ts';
import { createLogBudget } from '../log-budget.ts';
import { type LogLine, parseLogLine } from '../log-line.ts';
import { LOG_HEAD_BYTES, logFiles } from '../log-rotation.ts';
import { createLogWriter } from '../log-writer.ts';

const [kind, directory = '', seed = '1'] = process.argv.slice(2);
const random = seeded(Number(seed));
const LIMIT_BYTES = 8 * 1024;
const path = join(directory, 'app.log');
const ballast = join(directory, 'ballast');
process.on('SIGXFSZ', () => {}); // a write beyond the bound is to fail, not to kill

/** Leaves room for about so many bytes. */
function fill(bytes: number): void {
  if (kind === 'prlimit') {
    const size = existsSync(path) ? statSync(path).size : 0;
    execFileSync('/usr/bin/prlimit', ['--pid', String(process.pid), `--fsize=${size + bytes}:unlimited`]);
    return;
  }
  const { bfree, bsize } = statfsSync(directory);
  const taken = existsSync(ballast) ? statSync(ballast).size : 0;
  writeFileSync(ballast, Buffer.alloc(Math.max(0, taken + bfree * bsize - bytes)));
}

function makeRoom(): void {
  if (kind === 'prlimit') {
    execFileSync('/usr/bin/prlimit', ['--pid', String(process.pid), '--fsize=unlimited:unlimited']);
  } else if (existsSync(ballast)) truncateSync(ballast, 0);
}

/** As a rotation leaves it that was killed: the copy is in place, what was written since is not in it. */
function beginRotation(): void {
  const copied = readFileSync(path);
  const older = logFiles(path).slice(1);
  if (isCopy(older[0] ?? '')) return; // it was killed there before
  for (let index = older.length - 1; index > 0; index--) {
    if (existsSync(older[index - 1] ?? '')) renameSync(older[index - 1] ?? '', older[index] ?? '');
  }
  writeFileSync(older[0] ?? '', copied.subarray(0, random.int(LOG_HEAD_BYTES, copied.length)));
}

if (kind === 'tmpfs') execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=200k', 'small', directory]);
const fd = openSync(path, 'a', 0o600);
const budget = createLogBudget({ burstBytes: 1e9, bytesPerSecond: 1e9 });
let log = createLogWriter({ fd, path, generation: 1, limitBytes: LIMIT_BYTES, budget });
let written = 0;
const wrong: string[] = [];
const print = (times: number): void => {
  for (let i = 0; i < times; i++) log('stdout', `${written++} ${'x'.repeat(random.int(0, 200))}`);
};
for (let round = 0; round < 40; round++) {
  print(random.int(1, 150));
  fill(random.int(0, 20_000));
  print(random.int(1, 150));
  if (random.int(0, 3) === 0) {
    if (random.int(0, 1) === 0 && statSync(path).size > LOG_HEAD_BYTES) {
      makeRoom();
      beginRotation();
      fill(random.int(0, 3_000));
    }
    log = createLogWriter({ fd, path, generation: round + 2, limitBytes: LIMIT_BYTES, budget });
  }
  if (random.int(0, 2) > 0) makeRoom();
  wrong.push(...check());
}
makeRoom();
print(1);
wrong.push(...check());
const files = logFiles(path).filter((file) => existsSync(file));
process.stdout.write(JSON.stringify({ written, wrong, bytes: files.map((file) => statSync(file).size) }));
rmSync(ballast, { force: true });

/** Reads all there is, the oldest first. @returns what should not be */
function check(): string[] {
  const [, newest = ''] = logFiles(path);
  const files = logFiles(path).filter((file) => existsSync(file) && !(file === newest && isCopy(file)));
  const lines: (LogLine | null)[] = files.toReversed().flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (line.startsWith('{') && line.endsWith('}') ? parseLogLine(line) : null)),
  );
  const wrong: string[] = [];
  let last = -1;
  let told = 0;
  let generation: number | null = null;
  let letGo = true; // what the oldest file begins with, the rotation decides
  for (const line of lines) {
    if (line !== null && line.generation !== generation) letGo = true; // who was killed tells nothing
    generation = line?.generation ?? generation;
    if (line?.origin === 'platform') {
      told += Number(/^(\d+) lines? (was|were) lost/.exec(line.line)?.[1] ?? 0);
      letGo ||= line.line.includes('were let go');
      continue;
    }
    if (line?.origin !== 'stdout') continue; // the piece of a line that the disk cut off
    const number = Number(line.line.split(' ')[0]);
    const missing = number - last - 1;
    if (missing < 0) wrong.push(`${number} after ${last}`);
    else if (!letGo && missing !== told) wrong.push(`${missing} missing before ${number}, told ${told}`);
    last = number;
    told = 0;
    letGo = false;
  }
  return wrong;
}

/** Readers know a rotation that was cut short by the beginning of the copy. */
function isCopy(file: string): boolean {
  if (!existsSync(file)) return false;
  const [head, ofLog] = [file, path].map((each) => readFileSync(each).subarray(0, LOG_HEAD_BYTES));
  return head !== undefined && head.length > 0 && ofLog !== undefined && head.equals(ofLog);
}
