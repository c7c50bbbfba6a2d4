import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runChild } from '../../src/kit/index.ts';
import { skipWithout } from '../requirements.ts';
import type { Seen } from './append-under-load.ts';
import { buildFsyncDelay, compiler, type FsyncDelay } from './fsync-delay.ts';

let delay: FsyncDelay | undefined;
let directory: string;
beforeAll(async () => {
  if (compiler() !== undefined) delay = await buildFsyncDelay();
});
afterAll(() => delay?.[Symbol.asyncDispose]());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tabbify-slow-disk-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Callers that append at once to a log on a disk whose fsync takes so long. */
async function appending(delayMs: number, callers: number, each: number): Promise<Seen> {
  const script = join(import.meta.dirname, 'append-under-load.ts');
  const counted = join(directory, 'fsyncs');
  const args = [script, join(directory, 'log.db'), String(callers), String(each), counted];
  const env = delay?.env(delayMs, counted) ?? {};
  const child = await runChild(process.execPath, args, { env, timeoutMs: 60_000 });
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout) as Seen;
}

/** What the office promises of its event loop (DESIGN, "Nothing blocks the loop"). */
const LONGEST_TURN_MS = 20;

for (const delayMs of [4, 20]) {
  test(`with an fsync of ${delayMs} ms many callers share it, in order, none told before its end, and the event loop goes on`, async (context) => {
    context.skip(skipWithout('cCompiler', delay !== undefined));
    const alone = await appending(delayMs, 1, 20);
    expect([alone.appended, alone.commits]).toEqual([21, 21]);
    await rm(directory, { recursive: true, force: true });
    directory = await mkdtemp(join(tmpdir(), 'tabbify-slow-disk-'));
    const many = await appending(delayMs, 256, 12);
    expect(many.appended).toBe(1 + 256 * 12);
    expect(many.appended / many.commits).toBeGreaterThan(64);
    for (const seen of [alone, many]) {
      expect(seen.tooEarly).toBe(0);
      expect(seen.inOrder).toBe(true);
      expect(seen.followed).toBe(true);
    }
    expect(many.longestTurnMs).toBeLessThan(LONGEST_TURN_MS);
  });
}
