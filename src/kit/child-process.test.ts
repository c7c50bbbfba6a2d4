import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { boundChild, killGroup, runChild, startChild } from './child-process.ts';

const hasPrlimit = existsSync('/usr/bin/prlimit');
const MIB = 1 << 20;

/** Takes 256 MiB four times, and says how far it came. */
const GREEDY = `
  const held = [];
  try { while (held.length < 4) held.push(new Uint8Array(${256 * MIB}).fill(1)); } catch {}
  console.log(held.length);`;

it.skipIf(skipWithout('prlimit', hasPrlimit))(
  'what a child may not allocate fails in the child',
  async () => {
    const run = (dataBytes?: number) =>
      runChild(process.execPath, ['-e', GREEDY], {
        env: {},
        timeoutMs: 30_000,
        ...(dataBytes === undefined ? {} : { dataBytes }),
      });
    expect(await run()).toMatchObject({ code: 0, stdout: '4\n' });
    const bounded = await run(1280 * MIB);
    expect(bounded.code).toBe(0);
    expect(Number(bounded.stdout)).toBeLessThan(4);
  },
);

it('a bounded child keeps its arguments, its pipes and its exit code', async () => {
  const script =
    'process.stdin.pipe(process.stdout).on("close", () => {}); process.exitCode = process.argv.length';
  const result = await runChild(process.execPath, ['-e', script, '--', '--data=1', '-x', 'a b'], {
    env: {},
    input: 'hello',
    timeoutMs: 30_000,
    dataBytes: 2048 * MIB,
  });
  expect(result).toMatchObject({ code: 4, stdout: 'hello', stderr: '' });
});

it.skipIf(skipWithout('prlimit', hasPrlimit))(
  'the bound of a child can be lowered while it runs',
  async () => {
    const script = 'setInterval(() => {}, 1000)';
    const options = { env: {}, detached: true, dataBytes: 2048 * MIB };
    const { pid = 0 } = startChild(process.execPath, ['-e', script], options);
    try {
      await boundChild(pid, 1536 * MIB);
      const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
      expect(limits).toMatch(new RegExp(`^Max data size +${1536 * MIB} +${1536 * MIB} `, 'm'));
    } finally {
      killGroup(pid);
    }
    await expect(boundChild(999_999_999, MIB)).rejects.toThrow(/cannot be bounded/);
  },
);
