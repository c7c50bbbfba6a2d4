import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../app/index.ts';
import { type NotRebuilt, openRebuilder, type Rebuilder } from '../../builder/index.ts';
import { createAppApi } from '../../data/index.ts';
import { noOtherApps, openChannel } from '../../egress/index.ts';
import { systemClock } from '../../kit/index.ts';
import { type Prepared, type Runtime, runtimeOf } from '../../runtimes/index.ts';
import { openDevData } from '../app-data.ts';
import type { ChosenRuntime } from '../choose-runtime.ts';
import type { Edition } from '../edition.ts';
import { devEnvironment } from '../environment.ts';
import type { Say } from '../events.ts';
import type { DevGrant } from '../grant.ts';
import type { DevPlace } from '../place.ts';
import type { SourceReader } from '../source.ts';
import { keepEngine } from './engine.ts';
import { keepPackages, type PackageKeeper } from './packages.ts';
import { wholeBuild } from './whole-build.ts';

export interface WorkshopOptions {
  readonly root: string;
  readonly place: DevPlace;
  readonly reader: SourceReader;
  /** Components are made by the whole build of a push. */
  readonly exact: boolean;
  readonly grant: DevGrant;
  readonly say: Say;
  readonly signal: AbortSignal;
}

/** What was made of an app's source at one moment. */
export interface Made {
  readonly kind: 'made';
  readonly edition: Edition;
  /** Absolute paths of the app's own files in it. */
  readonly files: ReadonlySet<string>;
  /** Folders of the packages in it that are installed in the app's own folder: `node_modules/hono`. */
  readonly packages: readonly string[];
  readonly warnings: readonly string[];
}

/** Makes editions of an app, one after the other. */
export interface Workshop {
  /** @throws TabbifyError `build_failed` and what else keeps it from being made */
  make(manifest: Manifest, chosen: ChosenRuntime): Promise<Made | NotRebuilt>;
  /** Has a box wait for the next edition. */
  prepare(manifest: Manifest, chosen: ChosenRuntime): void;
  close(): Promise<void>;
}

/** What makes the artifacts as long as nothing that decides how has changed. */
interface OpenRebuilder {
  readonly key: string;
  readonly rebuilder: Rebuilder;
  /** The packages are those that are installed in the app's own folder. */
  readonly ownPackages: boolean;
}

/** What is said of calls to other apps. */
const ALONE = {
  why: 'no other apps run in `tcli dev`',
  hint: 'Push both to an office, where it may be called once a person has said yes',
};
const LOADED =
  'a prebuilt engine loads the app at each start, where a push has that done by its build; --exact builds as a push does';

export function openWorkshop({ root, place, reader, exact, grant, say, signal }: WorkshopOptions): Workshop {
  const data = openDevData(root, place.runtimes.sockets);
  const packages: PackageKeeper = keepPackages({
    ...{ root, home: place.home, folder: place.folder, signal },
    note: (text) => say({ event: 'note', text }),
  });
  const engine = keepEngine({ home: place.home, signal, note: (text) => say({ event: 'note', text }) });
  let isTold = false;
  const tellOnce = (): void => {
    if (!isTold) say({ event: 'note', text: LOADED });
    isTold = true;
  };
  let open: OpenRebuilder | null = null;
  let waiting: Promise<Prepared | null> | null = null;
  let count = 0;

  async function rebuilderFor(manifest: Manifest, { kind }: ChosenRuntime): Promise<Rebuilder> {
    const { main } = manifest.build;
    const isWhole = main === null || (kind === 'wasm-http' && exact);
    const found = isWhole ? null : await packages.find();
    const key = JSON.stringify([kind, main, found, kind === 'wasm-http' && manifest.runtime]);
    if (open?.key === key) return open.rebuilder;
    await open?.rebuilder.close();
    open = null;
    const { memoryMb } = manifest.runtime;
    const isLoaded = kind === 'wasm-http' && !isWhole;
    if (isLoaded) {
      tellOnce();
      engine.find(memoryMb).catch(() => {}); // while the app is bundled; who needs it meets that again
    }
    const rebuilder =
      main !== null && !isWhole
        ? await openRebuilder({
            ...{ root, packages: found, main },
            ...(isLoaded && { engine: () => engine.find(memoryMb) }),
          })
        : wholeBuild({
            ...{ root, manifest, home: place.home, folder: place.folder, files: reader.pushedFiles, signal },
            warn: (text) => say({ event: 'warning', text }),
          });
    open = { key, rebuilder, ownPackages: found === null };
    return rebuilder;
  }

  /** Whatever keeps it from being ready is met again, and told, by the start that would have used it. */
  async function takeWaiting(): Promise<Prepared | null> {
    const taken = waiting;
    waiting = null;
    return taken;
  }

  async function start(manifest: Manifest, { kind, description }: ChosenRuntime, artifactDir: string) {
    const { memoryMb, fuelPerRequest, isolation } = manifest.runtime;
    const log = (origin: 'stdout' | 'stderr' | 'platform', line: string): void =>
      say({ event: 'log', origin, line });
    const runtime: Runtime = await runtimeOf(kind);
    const stored = data.of(manifest);
    const hasFiles = stored !== null && kind === 'wasm-http';
    const policy = grant.open();
    const letGo = (): void => grant.close(policy);
    const tell = (line: string): void => log('platform', line);
    const channel = openChannel({
      ...{ policy, say: tell, clock: systemClock },
      platform: createAppApi(stored, hasFiles),
    });
    try {
      const app = await runtime.start({
        ...{ artifactDir, memoryMb, fuelPerRequest, isolation, log },
        env: devEnvironment(manifest),
        channel: noOtherApps(channel, { ...ALONE, isListed: grant.listsApp, say: tell }),
        hasFiles,
        place: place.runtimes,
        wall: description.isolation,
        prepared: await takeWaiting(),
      });
      void app.exited.then(letGo);
      return app;
    } catch (error) {
      letGo();
      throw error;
    }
  }

  return {
    async make(manifest, chosen) {
      const rebuilder = await rebuilderFor(manifest, chosen);
      const rebuilt = await rebuilder.rebuild();
      if (rebuilt.kind === 'failed') return rebuilt;
      const { memoryMb, fuelPerRequest, isolation } = manifest.runtime;
      const { stateful, dataMb } = manifest.runtime;
      const settings = [
        ...[chosen.kind, devEnvironment(manifest), memoryMb, fuelPerRequest, isolation],
        ...[stateful, dataMb],
      ];
      const digest = createHash('sha256')
        .update(JSON.stringify([rebuilt.digest, settings]))
        .digest('hex');
      const artifactDir = join(place.folder, `edition-${++count}`);
      let written: Promise<void> | null = null;
      const edition: Edition = {
        digest,
        async start() {
          written ??= rebuilt.write(artifactDir);
          try {
            await written;
            return await start(manifest, chosen, artifactDir);
          } catch (error) {
            throw rebuilt.explain?.(error) ?? error;
          }
        },
        remove: () => rm(artifactDir, { recursive: true, force: true }),
      };
      const own = open?.ownPackages === true ? rebuilt.packages : [];
      return { kind: 'made', edition, files: rebuilt.files, packages: own, warnings: rebuilt.warnings };
    },
    prepare(manifest, { kind, description }) {
      if (waiting !== null || description.isolation === 'wasm-bare') return;
      waiting = (async () => {
        const runtime = await runtimeOf(kind);
        return (await runtime.prepare?.(place.runtimes, { memoryMb: manifest.runtime.memoryMb })) ?? null;
      })().catch(() => null);
    },
    async close() {
      await (await takeWaiting())?.dispose();
      await open?.rebuilder.close();
      await data.close();
    },
  };
}
