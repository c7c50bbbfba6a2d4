import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import type { Box, BoxBounds, BoxEnd } from './box.ts';
import { chooseGroups } from './groups/choose.ts';
import { findPrograms } from './launch/programs.ts';
import { openBox } from './open-box.ts';
import { nodeBox, temporaryHome } from './testing/box-of.ts';

const MIB = 1 << 20;
const holds = chooseGroups().holds;

async function opened(script: string, bounds: Partial<BoxBounds> = {}): Promise<Box> {
  const plain = nodeBox(temporaryHome(), script);
  const box = await openBox({ ...plain, bounds: { ...plain.bounds, ...bounds } });
  onTestFinished(async () => void (await box.kill()));
  await box.verify(); // whatever goes past a bound does so behind bounds that have been read back
  return box;
}

/** What a script prints before the end, and the end. */
async function outcome(script: string, bounds: Partial<BoxBounds> = {}): Promise<[string, BoxEnd]> {
  const box = await opened(script, bounds);
  box.child.stderr?.resume();
  return Promise.all([text(box.child.stdout as NodeJS.ReadableStream), box.ended]);
}

/** Takes memory in pieces of 16 MiB, and says how many. */
const GREEDY = `
  const { writeSync } = require('node:fs');
  const held = [];
  try {
    for (;;) { held.push(new Uint8Array(${16 * MIB}).fill(1)); writeSync(1, '.'); }
  } catch { writeSync(1, 'refused'); }`;

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a box', () => {
  it('has no more memory than it was given', async () => {
    const [printed, end] = await outcome(GREEDY, { memoryBytes: 192 * MIB });
    if (holds.has('memory')) {
      expect(end).toEqual({ code: null, signal: 'SIGKILL', cause: 'memory' });
      expect(printed.length).toBeLessThanOrEqual(12);
    } else {
      // Best effort: what node takes for itself is not known exactly.
      expect([end.code, printed.slice(-7)]).toEqual([0, 'refused']);
      expect(printed.length).toBeLessThan(64);
    }
  });

  it('fills its /tmp and no more', async () => {
    const script = `
      const { writeFileSync, appendFileSync, statSync } = require('node:fs');
      try { for (;;) appendFileSync('/tmp/x', Buffer.alloc(${MIB})); }
      catch (error) { console.log(error.code, statSync('/tmp/x').size <= ${8 * MIB}); }`;
    expect(await outcome(script)).toEqual(['ENOSPC true\n', { code: 0, signal: null, cause: 'itself' }]);
  });

  it('opens as many files as it may', async () => {
    const script = `
      const { openSync } = require('node:fs');
      try { for (;;) openSync('/dev/null'); } catch (error) { console.log(error.code); }`;
    const [printed] = await outcome(script, { openFiles: 64 });
    expect(printed).toBe('EMFILE\n');
  });

  if (holds.has('cpu')) {
    it('gets its share of the machine, and its time is counted', async () => {
      const script = `
        const { performance } = require('node:perf_hooks');
        const begun = performance.now();
        const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
        while (used() < 400_000);
        console.log(performance.now() - begun);`;
      const [printed] = await outcome(script, { cpus: 0.25 });
      // 0.4 s at a quarter of a core; a part of it was used before the clock began to run.
      expect(Number(printed)).toBeGreaterThan(700);
    });
  }

  it('is counted, and never less than before', async () => {
    const box = await opened('setInterval(() => { for (let i = 0; i < 1e7; i++); }, 5)');
    const first = box.cpuMs();
    await expect.poll(() => box.cpuMs(), { timeout: 20_000 }).toBeGreaterThan(first + 50);
    expect(box.memoryBytes()).toBeGreaterThan(4 * MIB);
    const last = box.cpuMs();
    await box.kill();
    expect(box.cpuMs()).toBeGreaterThanOrEqual(last);
  });

  if (holds.has('tasks')) {
    it('has as many threads as it may', async () => {
      const script = `
        const { Worker } = require('node:worker_threads');
        const { writeSync } = require('node:fs');
        const more = () => {
          const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
          worker.once('online', () => { writeSync(1, '.'); more(); });
          worker.once('error', () => process.exit());
        };
        more();`;
      // Node may as well give up where it cannot start a thread of its own.
      const [printed, end] = await outcome(script, { tasks: 24, memoryBytes: 1024 * MIB });
      expect(end.cause).toBe('itself');
      expect(printed.length).toBeGreaterThan(2);
      expect(printed.length).toBeLessThan(24);
    });
  }

  it('can be bounded more closely while it runs, and is ended when that cannot be', async () => {
    const box = await opened('setInterval(() => {}, 1000)');
    const bounds = { memoryBytes: 200 * MIB, cpus: 0.5, tasks: 32, tmpBytes: 8 * MIB, openFiles: 128 };
    await box.bound(bounds);
    await box.verify();
    if (holds.has('memory')) {
      await box.bound({ ...bounds, memoryBytes: 512 * MIB, cpus: 1, tasks: 128 });
      await box.verify();
    }
    await expect(box.bound({ ...bounds, openFiles: 512 })).rejects.toMatchObject({ code: 'box_unsafe' });
    expect((await box.ended).cause).toBe('killed');
    const other = await opened('setInterval(() => {}, 1000)');
    await expect(other.bound({ ...bounds, tmpBytes: MIB })).rejects.toMatchObject({ code: 'box_unsafe' });
  });
});
