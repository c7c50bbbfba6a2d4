import { realpath } from 'node:fs/promises';
import { isFilesAlone } from '../app/index.ts';
import { resetDevData } from './app-data.ts';
import { AppSlot, asFailure } from './app-slot.ts';
import { openWorkshop } from './build/workshop.ts';
import { chooseRuntime, type DevRuntime } from './choose-runtime.ts';
import type { Say } from './events.ts';
import { serveFront } from './front/serve-front.ts';
import { serveStaticFiles } from './front/static-files.ts';
import { createDevGrant } from './grant.ts';
import { type DevPlace, openPlace } from './place.ts';
import { runRounds } from './rounds.ts';
import type { SourceReader } from './source.ts';
import { watchApp } from './watch/watch-app.ts';

export interface DevOptions {
  /** The app's folder. */
  readonly root: string;
  readonly reader: SourceReader;
  /** `TABBIFY_HOME`; all that is kept lies in `dev/` below it. */
  readonly home: string;
  /** Of the loopback. */
  readonly host: string;
  /** 0: one of the system's choice. */
  readonly port: number;
  /** This port or none; otherwise the next free one behind it does as well. */
  readonly exactPort: boolean;
  /** Null: what the manifest says. */
  readonly runtime: DevRuntime | null;
  /** Has components made by the whole build of a push: seconds for each save. */
  readonly exact: boolean;
  /** Removes first what the app has stored in earlier runs. */
  readonly resetData: boolean;
  readonly say: Say;
}

/** An app that is served while it is written. */
export interface DevServer {
  readonly url: string;
  /** Ends the app and all that was begun for it. */
  close(): Promise<void>;
}

/**
 * Serves the app of a folder on this machine, in the box and with the bounds and denials of an office, and puts each saved state of it into
 * the place of the one before. Needs no office.
 *
 * @throws TabbifyError of the dev room, of the place; what is wrong with the app is said, not thrown
 */
export async function startDev(options: DevOptions): Promise<DevServer> {
  const { reader, home, host, port, say } = options;
  const root = await realpath(options.root);
  const begun = performance.now();
  const closing = new AbortController();
  const slot = new AppSlot({
    onEnded: (reason) => say({ event: 'ended', reason }),
    onFailed: (error) => say({ event: 'failed', error, serving: false }),
  });
  slot.hold();
  const files = serveStaticFiles(root, reader);
  const front = await serveFront({
    ...{ host, port, exact: options.exactPort, say, files },
    ready: () => slot.ready(),
    app: () => slot.app(),
  });
  try {
    if (options.resetData) await resetDevData(root);
    const place = await openPlace(home);
    await mustRun(reader, place, options.runtime);
    const grant = createDevGrant(say);
    const workshop = openWorkshop({
      ...{ root, place, reader, grant, say },
      exact: options.exact,
      signal: closing.signal,
    });
    const { here } = place;
    const rounds = runRounds({
      root,
      reader,
      here,
      asked: options.runtime,
      workshop,
      slot,
      files,
      grant,
      say,
    });
    const watching = await watchApp(root, {
      onStir: (path) => rounds.stirred(path),
      onChange: (paths) => rounds.changed(paths),
      onTrouble: (text) => say({ event: 'warning', text }),
    });
    say({ event: 'listening', url: front.url });
    rounds.begin(begun);
    return {
      url: front.url,
      async close() {
        closing.abort(new Error('the server is closing'));
        watching.close();
        await front.close();
        await rounds.close();
        await Promise.all([slot.close(), workshop.close()]);
        await place.close();
      },
    };
  } catch (error) {
    slot.fail(asFailure(error));
    slot.settle();
    await front.close();
    throw error;
  }
}

/** What this machine cannot run at all is told at once. @throws TabbifyError `dev_runtime_refused` */
async function mustRun(reader: SourceReader, { here }: DevPlace, asked: DevRuntime | null): Promise<void> {
  const { manifest } = await reader.read();
  if (manifest !== null && !isFilesAlone(manifest.build)) chooseRuntime(manifest, here, asked);
}
