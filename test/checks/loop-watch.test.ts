import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { runChild } from '../../src/kit/index.ts';

it('the watch over the office’s event loop notices a planted hold, and nothing before the office is open', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-loop-'));
  try {
    const [file, record, program] = ['holds', 'office.json', 'program.mjs'].map((name) =>
      join(directory, name),
    );
    await writeFile(
      program!,
      `import { writeFileSync } from 'node:fs';
       import { setTimeout as wait } from 'node:timers/promises';
       const hold = (ms) => { const end = process.threadCpuUsage().user + ms * 1000; while (process.threadCpuUsage().user < end); };
       hold(60); await wait(50);
       writeFileSync(process.env.LOOP_WATCH_FROM, JSON.stringify({ pid: process.pid })); await wait(50);
       hold(60); await wait(50);`,
    );
    const watch = resolve(import.meta.dirname, '../e2e/loop-watch.mjs');
    const result = await runChild(process.execPath, [`--import=${watch}`, program!], {
      env: { LOOP_WATCH_FILE: file!, LOOP_WATCH_FROM: record!, LOOP_WATCH_MS: '20' },
      timeoutMs: 20_000,
    });
    expect(result).toMatchObject({ code: 0 });
    const holds = (await readFile(file!, 'utf8')).trim().split('\n');
    expect(holds).toHaveLength(1);
    expect(Number.parseInt(holds[0]!, 10)).toBeGreaterThanOrEqual(50);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
