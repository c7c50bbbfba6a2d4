import { realpath } from 'node:fs/promises';
import { AppSlot, asFailure } from './app-slot.ts';
import { openWorkshop } from './build/workshop.ts';
import type { DevRuntime } from './choose-runtime.ts';
import type { Say } from './events.ts';
import { serveFront } from './front/serve-front.ts';
import { openPlace } from './place.ts';
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
  const front = await serveFront({ host, port, exact: options.exactPort, app: () => slot.app(), say });
  try {
    const place = await openPlace(home);
    const workshop = openWorkshop({ root, place, reader, say, signal: closing.signal });
    const { here } = place;
    const rounds = runRounds({ root, reader, here, asked: options.runtime, workshop, slot, say });
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
