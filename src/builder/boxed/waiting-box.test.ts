import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { isAlive, type ProcessIdentity, signalProcess, startChild } from '../../kit/index.ts';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import type { ArtifactTask } from '../child/protocol.ts';
import { buildInBox } from './build-in-box.ts';
import { openWaitingBox, type WaitingBox } from './waiting-box.ts';
import { createWaitingBoxes, type WaitingBoxes } from './waiting-boxes.ts';

const TASK: ArtifactTask = { kind: 'module', main: 'index.ts' };
const ANSWER = (text: string): string =>
  `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;
const TIME_MS = 120_000;
const DEADLINE = { timeout: 60_000, interval: 20 };
const PLENTY = { availableBytes: 2 ** 34, totalBytes: 2 ** 34 };
/** For whom a box has to be there soon. */
const HURRIED = { quietMs: 0, checkMs: 50, memory: () => PLENTY };

/** A home, and boxes that wait in it without anything prepared. */
interface Waiting {
  readonly home: string;
  readonly cacheDir: string;
  open(): Promise<WaitingBox>;
  keep(options?: Parameters<typeof createWaitingBoxes>[1]): WaitingBoxes;
}

async function aHome(): Promise<Waiting> {
  const home = await temporaryFolder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const [cacheDir, caches] = [join(home.path, 'cache'), join(home.path, 'prepared')];
  await mkdir(cacheDir, { mode: 0o700 });
  await mkdir(caches);
  const open = (): Promise<WaitingBox> =>
    openWaitingBox({ home: home.path, cacheDir, caches, component: null });
  return {
    home: home.path,
    cacheDir,
    open,
    keep(options = HURRIED) {
      const boxes = createWaitingBoxes(open, options);
      onTestFinished(() => boxes.close());
      return boxes;
    },
  };
}

/** First processes of the boxes there are, by their records. */
async function boxesOf(home: string): Promise<ProcessIdentity[]> {
  const folder = join(home, 'boxes');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(
    names.map((name) => readFile(join(folder, name), 'utf8').catch(() => 'null')),
  );
  return texts.flatMap((text) => (JSON.parse(text) as { init: ProcessIdentity | null } | null)?.init ?? []);
}

async function taken(boxes: WaitingBoxes): Promise<WaitingBox> {
  let box: WaitingBox | null = null;
  await expect
    .poll(() => {
      box ??= boxes.take();
      return box !== null;
    }, DEADLINE)
    .toBe(true);
  return box as unknown as WaitingBox;
}

async function anApp(text: string): Promise<TemporaryFolder> {
  const app = await temporaryFolder();
  onTestFinished(() => app[Symbol.asyncDispose]());
  await app.write({ 'index.ts': ANSWER(text) });
  return app;
}

/** Builds it as a build does, and gives back its code and its steps. */
async function built(
  { home, cacheDir }: Waiting,
  app: TemporaryFolder,
  boxes: Pick<WaitingBoxes, 'take'>,
  more: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<{ readonly code: string; readonly steps: readonly string[] }> {
  await using scratch = await temporaryFolder();
  const steps: string[] = [];
  const artifactDir = join(scratch.path, 'artifact');
  await buildInBox(
    {
      home,
      scratchDir: scratch.path,
      timeoutMs: more.timeoutMs ?? TIME_MS,
      signal: more.signal,
      onProgress: (step) => void steps.push(step),
    },
    { sourceDir: app.path, artifactDir, cacheDir, task: TASK, npm: null },
    boxes,
  );
  return { code: await readFile(join(artifactDir, 'app.mjs'), 'utf8'), steps };
}

/** Says what it took, to see where something was built. */
function watched(
  boxes: WaitingBoxes,
): Pick<WaitingBoxes, 'take'> & { readonly given: (WaitingBox | null)[] } {
  const given: (WaitingBox | null)[] = [];
  return {
    given,
    take() {
      given.push(boxes.take());
      return given.at(-1) ?? null;
    },
  };
}

describe.skipIf(skipWithout('bubblewrap', existsSync('/usr/bin/bwrap')))(
  'a box that waits for a build',
  () => {
    it('builds one app, is thrown away with its folder, and another one takes its place', {
      timeout: TIME_MS,
    }, async () => {
      const waiting = await aHome();
      const boxes = waiting.keep();
      await expect.poll(() => boxesOf(waiting.home), DEADLINE).toHaveLength(1);
      const [waited] = await boxesOf(waiting.home);
      const first = await taken(boxes);
      expect(await readdir(first.source)).toEqual([]);
      expect(await built(waiting, await anApp('first'), { take: () => first })).toEqual({
        code: expect.stringContaining('"first"'),
        steps: ['bundle', 'bundle'],
      });
      await first.end();
      expect(waited && isAlive(waited)).toBe(false);
      expect(existsSync(first.source)).toBe(false);

      // at its tools yet, most likely
      const early = await taken(boxes);
      expect((await built(waiting, await anApp('early'), { take: () => early })).code).toContain('"early"');
      await early.end();

      const second = await taken(boxes);
      expect(second.source).not.toBe(first.source);
      expect(await readdir(second.source)).toEqual([]);
      await second.end();
      await boxes.close();
      expect(await boxesOf(waiting.home)).toEqual([]);
      expect(await readdir(join(waiting.cacheDir, 'scratch'))).toEqual([]);
    });

    it('tells what is wrong with an app, and ends with a build that takes too long or is called off', {
      timeout: TIME_MS,
    }, async () => {
      const waiting = await aHome();
      const wrong = await temporaryFolder();
      onTestFinished(() => wrong[Symbol.asyncDispose]());
      await wrong.write({ 'index.ts': `import './missing.ts';` });
      for (const [app, more, code] of [
        [wrong, {}, 'build_failed'],
        [await anApp('late'), { timeoutMs: 0 }, 'build_timeout'],
        [await anApp('unwanted'), { signal: AbortSignal.abort() }, 'build_aborted'],
      ] as const) {
        const box = await waiting.open();
        await box.ready;
        await expect(built(waiting, app, { take: () => box }, more)).rejects.toMatchObject({ code });
        await box.end();
        expect(await boxesOf(waiting.home)).toEqual([]);
      }
    });

    it('is replaced when it dies, and a build that it had been given to is done in a box of its own', {
      timeout: TIME_MS,
    }, async () => {
      const waiting = await aHome();
      const boxes = waiting.keep();
      await expect.poll(() => boxesOf(waiting.home), DEADLINE).toHaveLength(1);
      const [died] = await boxesOf(waiting.home);
      if (died === undefined) throw new Error('no box waits');
      signalProcess(died, 'SIGKILL');
      const given = await vi.waitUntil(
        async () => (await boxesOf(waiting.home)).find(({ pid }) => pid !== died.pid),
        DEADLINE,
      );
      const box = await taken(boxes);
      signalProcess(given, 'SIGKILL');
      expect(await built(waiting, await anApp('all the same'), { take: () => box })).toEqual({
        code: expect.stringContaining('"all the same"'),
        steps: ['bundle', 'bundle'],
      });
    });

    it('is for one of two builds at once; while they last none is prepared', {
      timeout: TIME_MS,
    }, async () => {
      const waiting = await aHome();
      const kept = waiting.keep();
      await expect.poll(() => boxesOf(waiting.home), DEADLINE).toHaveLength(1);
      const goOn = kept.hold();
      const box = await taken(kept);
      const boxes = watched({
        ...kept,
        take: (): WaitingBox | null => (boxes.given.length === 0 ? box : kept.take()),
      });
      const both = await Promise.all(
        ['one', 'other'].map(async (text) => (await built(waiting, await anApp(text), boxes)).code),
      );
      expect(both).toEqual([expect.stringContaining('"one"'), expect.stringContaining('"other"')]);
      expect(boxes.given).toEqual([box, null]);
      await expect.poll(() => boxesOf(waiting.home), DEADLINE).toEqual([]); // the one that built may be dying yet
      goOn();
      await (await taken(kept)).end();
    });

    it('does not wait on a small machine, and gives its memory back when that is short', {
      timeout: TIME_MS,
    }, async () => {
      const waiting = await aHome();
      let memory = { availableBytes: 2 ** 31, totalBytes: 2 ** 31 };
      const looks: number[] = [];
      const boxes = waiting.keep({
        ...HURRIED,
        memory: () => {
          looks.push(memory.availableBytes);
          return memory;
        },
      });
      await expect.poll(() => looks.length, DEADLINE).toBeGreaterThan(3);
      expect(await boxesOf(waiting.home)).toEqual([]);

      memory = PLENTY;
      await expect.poll(() => boxesOf(waiting.home), DEADLINE).toHaveLength(1);
      memory = { ...PLENTY, availableBytes: 2 ** 28 };
      await expect.poll(() => boxesOf(waiting.home), DEADLINE).toEqual([]);
      expect(boxes.take()).toBe(null);
    });

    it('does not outlive the process that keeps it, killed while it waits', {
      timeout: TIME_MS,
    }, async () => {
      const { home, cacheDir } = await aHome();
      const module = new URL('./waiting-box.ts', import.meta.url).href;
      const place = { home, cacheDir, caches: join(home, 'prepared'), component: null };
      const script = `const { openWaitingBox } = await import(${JSON.stringify(module)});
      const box = await openWaitingBox(${JSON.stringify(place)});
      await box.ready;
      process.stdout.write('waits');`;
      const owner = startChild(process.execPath, ['--input-type=module', '-e', script], { env: {} });
      onTestFinished(() => void owner.kill('SIGKILL'));
      await new Promise((resolve) => owner.stdout?.once('data', resolve));
      const [waits] = await boxesOf(home);
      if (waits === undefined) throw new Error('no box waits');
      expect(isAlive(waits)).toBe(true);
      owner.kill('SIGKILL');
      await expect.poll(() => isAlive(waits), DEADLINE).toBe(false);
    });
  },
);
