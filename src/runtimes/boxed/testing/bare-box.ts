import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Box, BoxEnd, BoxSpec } from '../../../sandbox/index.ts';

const UNBOUNDED = {
  memory: 'unsupported',
  cpu: 'unsupported',
  tasks: 'unsupported',
  tmp: 'unsupported',
  openFiles: 'unsupported',
} as const;
/** Milliseconds of a clock tick of `/proc/<pid>/stat` (proc(5), `sysconf(_SC_CLK_TCK)` is 100 on Linux). */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/**
 * No box at all: the program as a plain child process, with the shape of one that is in a box. To measure what a box costs, and to test
 * what a runtime does where no box can be built. Paths in the box are those on the host; node's permissions, which name
 * paths in the box, are left out.
 */
export async function openBareBox(spec: BoxSpec): Promise<Box> {
  const onHost = new Map(spec.files.map(({ from, to }) => [to, from]));
  const [program = '', ...args] = spec.argv
    .filter((word) => !/^--(?:permission|allow-)/.test(word))
    .map((word) => onHost.get(word) ?? word);
  const child = spawn(program, args, { env: { ...spec.env }, stdio: [...spec.stdio] });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return bareBox(child);
}

function bareBox(child: ChildProcess): Box {
  const pid = child.pid ?? 0;
  let isKilled = false;
  const ended = new Promise<BoxEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, cause: isKilled ? 'killed' : 'itself' }));
  });
  return {
    child,
    pid,
    limits: UNBOUNDED,
    ended,
    verify: async () => {},
    bound: async () => {},
    hurry: () => {},
    cpuMs: () => cpuMsOf(pid),
    memoryBytes: () => Number(read(pid, 'statm').split(' ')[1] ?? 0) * PAGE_BYTES,
    kill() {
      isKilled = true;
      child.kill('SIGKILL');
      return ended;
    },
  };
}

function cpuMsOf(pid: number): number {
  const fields = read(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

/** Empty when the process has gone. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
