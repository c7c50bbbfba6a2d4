import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runChild, startChild } from '../../../kit/index.ts';

/** A program that makes system calls in a box, and says what became of each. */
export interface LiveCalls extends AsyncDisposable {
  /**
   * Under bubblewrap with `--seccomp`, all in one process.
   *
   * @param calls a number and up to six arguments each, or `thread`
   * @returns for each `errno N` or `value N`
   */
  boxed(filter: Uint8Array, calls: readonly string[]): Promise<string[]>;
  /**
   * In a box as well, but each call in a process of its own, which takes the filter itself; null: no filter at all.
   *
   * @param waitMs how long a call may take until it counts as `hung`
   * @returns also `signal N`
   */
  apart(filter: Uint8Array | null, calls: readonly string[], waitMs: number): Promise<string[]>;
}

const COMPILERS = ['clang-14', 'clang', 'gcc', 'cc'];
const BWRAP = '/usr/bin/bwrap';
const SETPRIV = '/usr/bin/setpriv';
const NOBODY = '65534';
const FILTER_FD = 3;

function compiler(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return COMPILERS.find((name) => directories.some((directory) => existsSync(join(directory, name))));
}

/** Builds the program; undefined where there is no C compiler. */
export async function buildLiveCalls(): Promise<LiveCalls | undefined> {
  const program = compiler();
  if (program === undefined) return undefined;
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-live-calls-'));
  await chmod(directory, 0o755); // root gives up being root for the box
  const binary = join(directory, 'every-call');
  const source = join(import.meta.dirname, 'every-call.c');
  const built = await runChild(program, ['-static', '-O1', '-o', binary, source, '-lpthread'], {
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs: 60_000,
  });
  if (built.code !== 0) throw new Error(`${program} failed: ${built.stderr}`);
  const file = join(directory, 'filter');
  const run = async (options: string[], args: string[], calls: readonly string[]): Promise<string[]> => {
    const answers = await inBox(file, [...options, '--ro-bind', directory, '/calls'], args, calls);
    if (answers.length !== calls.length) throw new Error(`ended at: ${calls[answers.length]}`);
    return answers;
  };
  return {
    async boxed(filter, calls) {
      await writeFile(file, filter);
      return run(['--seccomp', String(FILTER_FD)], ['here'], calls);
    },
    async apart(filter, calls, waitMs) {
      await writeFile(file, filter ?? '');
      return run([], ['apart', filter === null ? '-' : '/calls/filter', String(waitMs)], calls);
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function inBox(
  filter: string,
  options: readonly string[],
  args: readonly string[],
  calls: readonly string[],
): Promise<string[]> {
  const box = [
    ...['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...['--clearenv', ...options, '--', '/calls/every-call', ...args],
  ];
  const asNobody = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', '--', BWRAP];
  const isRoot = process.getuid?.() === 0;
  await using opened = await open(filter);
  const child = startChild(isRoot ? SETPRIV : BWRAP, isRoot ? [...asNobody, ...box] : box, {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', opened.fd],
  });
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('no pipes');
  stdin.on('error', () => {}); // it may have died; then it has said less
  stdin.end(calls.map((call) => `${call}\n`).join(''));
  const [said, errors] = await Promise.all([text(stdout), text(stderr)]);
  if (errors !== '') throw new Error(errors);
  return said.split('\n').filter((line) => line !== '');
}
