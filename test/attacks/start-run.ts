import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../src/kit/index.ts';
import { startOf } from '../../src/sandbox/testing/index.ts';
import type { Outcome } from './scene.ts';

const DEADLINE_MS = 580_000;

/**
 * Runs `run.ts` to its end.
 *
 * @param asRoot only when root asks for it; else as an ordinary user
 */
export async function startRun(
  what: 'attacks' | 'attacks-once' | 'holes',
  asRoot: boolean,
): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-attacks-'));
  try {
    const start = startOf('test/attacks/run.ts', folder, asRoot);
    const [program, ...args] = start.command;
    const [script = '', ...flags] = [...args].reverse();
    const all = [...flags.reverse(), '--disable-warning=ExperimentalWarning', script, start.folder, what];
    const child = await runChild(program, all, {
      env: { PATH: process.env.PATH ?? '', TMPDIR: '/tmp' },
      timeoutMs: DEADLINE_MS,
      maxOutputBytes: 4 << 20,
    });
    const lines = child.stdout
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    if (child.code !== 0 || lines.length === 0)
      throw new Error(
        `the run ended with ${child.code ?? child.signal}: ${child.stderr.slice(-4_000)}\n${lines.at(-1) ?? 'nothing said'}`,
      );
    return lines.map((line) => JSON.parse(line) as Outcome);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
