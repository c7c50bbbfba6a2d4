import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { get } from '../../e2e/get.ts';
import type { RunnerRecord, TestOffice } from '../../e2e/office.ts';
import { expectKept } from '../drill.ts';

/** Living runners of a home that have an app, recorded or not: pid → app. */
async function livingRunners(home: string): Promise<ReadonlyMap<number, string>> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
      if (!words.includes(`--home=${home}\0`)) return [];
      const output = await readlink(`/proc/${pid}/fd/1`).catch(() => '');
      const app = /\/runners\/([0-9a-f-]{36})\.log/.exec(output)?.[1];
      return app === undefined ? [] : [[pid, app] as const];
    }),
  );
  return new Map(found.flat());
}

/** The records of runners that serve, by app; those of runners that are being started have another name. */
export async function recorded({ home }: TestOffice): Promise<ReadonlyMap<string, RunnerRecord>> {
  const directory = join(home, 'runners');
  const names = await readdir(directory).catch(() => []);
  const texts = await Promise.all(
    names
      .filter((name) => /^[0-9a-f-]{36}\.json$/.test(name))
      .map((name) => readFile(join(directory, name), 'utf8').catch(() => null)), // gone meanwhile
  );
  const records = texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as RunnerRecord]));
  return new Map(records.map((record) => [record.app, record]));
}

/** Does it answer, asked as the node asks it? */
export async function answers({ endpoint, runner_key }: RunnerRecord): Promise<boolean> {
  return get(`${endpoint}/`, { 'tabbify-runner-key': runner_key }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Milliseconds in which a runner that no record names must have ended: 10 s until it sees that, 10 s for requests, and some. */
const STRAY_MS = 30_000;

/** Runners beside those that the records name: each is on its way out, and gets there. */
export function watchStrays(office: TestOffice) {
  const since = new Map<number, number>();
  return {
    /** Looks once. @returns how many there are */
    async look(): Promise<number> {
      const living = await livingRunners(office.home);
      const named = new Set((await office.runners()).map(({ pid }) => pid));
      const now = performance.now();
      for (const pid of since.keys()) if (!living.has(pid) || named.has(pid)) since.delete(pid);
      for (const [pid, app] of living) {
        if (named.has(pid)) continue;
        const first = since.get(pid) ?? now;
        since.set(pid, first);
        expectKept(now - first < STRAY_MS, `runner ${pid} of ${app} has no record and does not end`);
      }
      return since.size;
    },
  };
}
