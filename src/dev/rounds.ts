import { join, sep } from 'node:path';
import { isFilesAlone, MANIFEST_FILES, type Manifest } from '../app/index.ts';
import type { TabbifyError } from '../kit/index.ts';
import type { RuntimesHere } from '../runtimes/index.ts';
import { createAdvice } from './advice.ts';
import { type AppSlot, asFailure } from './app-slot.ts';
import type { Made, Workshop } from './build/workshop.ts';
import { chooseRuntime, type DevRuntime } from './choose-runtime.ts';
import type { Edition } from './edition.ts';
import { devError } from './errors.ts';
import type { Say } from './events.ts';
import type { StaticFiles } from './front/static-files.ts';
import type { DevGrant } from './grant.ts';
import type { DevSource, SourceReader } from './source.ts';

export interface RoundsOptions {
  readonly root: string;
  readonly reader: SourceReader;
  readonly here: RuntimesHere;
  readonly asked: DevRuntime | null;
  readonly workshop: Workshop;
  readonly slot: AppSlot;
  readonly files: StaticFiles;
  readonly grant: DevGrant;
  readonly say: Say;
}

/** From what was saved to what answers, again and again: each round reads all anew and starts what is new. */
export interface Rounds {
  /** @param begun when whoever waits for it began to, by `performance.now()` */
  begin(begun: number): void;
  /** Something is being saved: requests wait for what comes of it. */
  stirred(path: string): void;
  /** It has been saved. */
  changed(paths: ReadonlySet<string>): void;
  close(): Promise<void>;
}

/** Files that decide besides those that the app is made of. */
const LISTS = [
  'package.json',
  'package-lock.json',
  '.tabbifyignore',
  'node_modules',
  'node_modules/.package-lock.json',
];

/** An edition on its way to serving. */
interface Start {
  readonly edition: Edition;
  isOvertaken: boolean;
}

export function runRounds({
  root,
  reader,
  here,
  asked,
  workshop,
  slot,
  files: statics,
  grant,
  say,
}: RoundsOptions): Rounds {
  const always = new Set([...MANIFEST_FILES, ...LISTS].map((name) => join(root, name)));
  const advice = createAdvice({ root, reader, say });
  let files: ReadonlySet<string> = new Set();
  /** Did the last round come to nothing? Then any change may mend it, e.g. a file that was missing. */
  let hasFailed = true;
  let starting: Start | null = null;
  let round: Promise<void> | null = null;
  let isDue = false;
  /** When what the next round is for began to be saved, by `performance.now()`; null: nothing was. */
  let since: number | null = null;
  let shownRuntime = '';
  let isClosed = false;

  function isRelevant(path: string): boolean {
    if (hasFailed || slot.hasEnded || always.has(path) || files.has(path)) return true;
    const folder = `${path}${sep}`;
    return [...files].some((file) => file.startsWith(folder));
  }

  function due(): void {
    isDue = true;
    round ??= work().finally(() => {
      round = null;
    });
  }

  async function work(): Promise<void> {
    while (isDue && !isClosed) {
      isDue = false;
      try {
        await oneRound();
      } catch (error) {
        failed(asFailure(error));
      }
    }
    if (starting === null) slot.settle();
  }

  async function oneRound(): Promise<void> {
    const from = since ?? performance.now();
    since = null;
    const source = await reader.read();
    if (source.manifest === null) {
      hasFailed = true;
      const { diagnostics, manifestText: text } = source;
      slot.fail(manifestError(source.diagnostics.length));
      say({ event: 'manifest', diagnostics, text, serving: slot.isFilled });
      return;
    }
    const { manifest } = source;
    statics.renew(manifest);
    grant.renew(manifest);
    if (isFilesAlone(manifest.build)) return filesAlone(source, manifest, from);
    const chosen = chooseRuntime(manifest, here, asked);
    workshop.prepare(manifest, chosen); // comes up while the app is bundled
    const made = await workshop.make(manifest, chosen);
    if (isDue || isClosed) return; // saved again meanwhile: that one counts
    if (made.kind === 'failed') return failed(made.error);
    hasFailed = false;
    files = made.files;
    const { name } = manifest.app;
    const shown = JSON.stringify([name, chosen.kind, chosen.description.isolation]);
    if (shown !== shownRuntime) {
      shownRuntime = shown;
      say({ event: 'runtime', name, runtime: chosen.kind, isolation: chosen.description.isolation });
    }
    advice.say([
      ...(chosen.standsIn === null ? [] : [chosen.standsIn]),
      ...source.warnings,
      ...made.warnings,
    ]);
    const current = starting?.edition.digest ?? slot.digest;
    if (made.edition.digest === current && (starting !== null || !slot.hasEnded)) return;
    void launch(made, from, () => workshop.prepare(manifest, chosen));
  }

  /** Nothing is started; all there is to do is to say so once. */
  function filesAlone(source: DevSource, { app: { name } }: Manifest, from: number): void {
    hasFailed = false;
    files = new Set();
    advice.say(source.warnings);
    slot.fail(nothingBehind());
    const shown = JSON.stringify([name, null]);
    if (shown === shownRuntime) return;
    shownRuntime = shown;
    say({ event: 'runtime', name, runtime: null, isolation: null });
    say({ event: 'serving', again: false, ms: performance.now() - from });
  }

  async function launch(made: Made, from: number, prepareNext: () => void): Promise<void> {
    if (starting !== null) starting.isOvertaken = true;
    const start: Start = { edition: made.edition, isOvertaken: false };
    starting = start;
    try {
      const again = slot.digest !== null;
      const app = await made.edition.start();
      if (start.isOvertaken || isClosed) {
        await app.stop(0);
        await made.edition.remove();
        return;
      }
      slot.swap(made.edition, app);
      say({ event: 'serving', again, ms: performance.now() - from });
      if (round === null) slot.settle();
    } catch (error) {
      await made.edition.remove();
      if (!start.isOvertaken) failed(asFailure(error));
    } finally {
      if (starting === start) {
        starting = null;
        if (round === null) slot.settle();
        if (!isClosed) prepareNext();
      }
    }
    if (!isClosed) await advice.of(made);
  }

  function failed(error: TabbifyError): void {
    if (isClosed) return;
    hasFailed = true;
    slot.fail(error);
    say({ event: 'failed', error, serving: slot.isFilled });
  }

  return {
    begin(begun) {
      since = begun;
      slot.hold();
      due();
    },
    stirred(path) {
      if (!isRelevant(path)) return;
      since ??= performance.now();
      slot.hold();
    },
    changed(paths) {
      statics.renew(null);
      if ([...paths].some(isRelevant)) return due();
      since = null;
      if (round === null && starting === null) slot.settle();
    },
    async close() {
      isClosed = true;
      if (starting !== null) starting.isOvertaken = true;
      await round;
    },
  };
}

function manifestError(count: number): TabbifyError {
  return devError('dev_not_serving', {
    what: `The manifest has ${count === 1 ? 'an error' : 'errors'}`,
    why: 'the terminal in which `tcli dev` runs shows where',
    hint: 'Mend it, and save it.',
  });
}

function nothingBehind(): TabbifyError {
  return devError('dev_not_serving', {
    what: 'There is nothing behind the files',
    why: 'the app is static files alone',
    hint: 'Name a module as `main` under `[build]` in tabbify.toml to answer in code.',
  });
}
