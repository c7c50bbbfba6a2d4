import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { checkFileList, type ListedFile, type ObjectStore } from '../../artifacts/index.ts';
import { type Clock, type Logger, messageOf, newId, TabbifyError } from '../../kit/index.ts';
import type { LiveState } from '../live-state.ts';
import type { VersionLimits } from '../versions/limits.ts';
import { checkQuota } from '../versions/quota.ts';
import type { Place, Reservations } from '../versions/reservations.ts';
import { type AppUploads, openAppUploads } from './app-uploads.ts';
import { earlierContents } from './earlier-contents.ts';
import { fillFolder } from './fill-folder.ts';
import { lengthOf, missingOf, type OpenUpload } from './open-upload.ts';
import { busy, incomplete, offsetElsewhere, stalled, takenOver, tooMany, unknown } from './refusals.ts';

/** An upload nothing was heard of for so long is given up (milliseconds). */
const UPLOAD_LIFE_MS = 24 * 3600 * 1000;
/** One that may be ended for the sake of another of the same app (milliseconds without a word of it). */
const IDLE_MS = 60_000;
/** Open at a time. */
const MAX_OF_APP = 8;
const MAX_OF_OFFICE = 32;
/** Without a byte for so long the sender is gone, or its line (milliseconds). */
const STALLED_MS = 60_000;
const SWEEP_EVERY_MS = 10 * 60_000;

/** Where an upload stands. */
export interface UploadStanding {
  readonly id: string;
  /** Contents that are to be sent, one after the other. */
  readonly missing: readonly { readonly sha256: string; readonly size: number }[];
  /** Bytes of them that are there. */
  readonly offset: number;
  /** Bytes of them all. */
  readonly length: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Pushes whose files come content by content, so that one that was cut off goes on where it was. */
export interface Uploads {
  /**
   * @throws archive_invalid, archive_too_large naming the file; quota_exceeded, too_many_at_once
   */
  begin(place: Place, files: readonly ListedFile[]): Promise<UploadStanding>;
  /** @throws upload_unknown */
  standing(place: Place, id: string): UploadStanding;
  /**
   * Takes bytes in. Those who sent before for the same upload are broken off: their line is taken for dead.
   *
   * @param signal ends it; comes out as its reason
   * @throws upload_unknown, upload_busy, upload_offset, upload_stalled, content_mismatch
   */
  receive(
    place: Place,
    id: string,
    offset: number,
    source: Readable,
    signal: AbortSignal,
  ): Promise<UploadStanding>;
  /**
   * Puts the files of an upload into an empty folder, lets `publish` make a version of it, and ends the upload.
   *
   * @throws upload_unknown, upload_busy, upload_incomplete; what `publish` throws, and the upload is still open
   */
  publish<Result>(
    place: Place,
    id: string,
    folder: string,
    publish: (files: readonly ListedFile[]) => Promise<Result>,
  ): Promise<Result>;
  close(): void;
}

export interface UploadTools {
  readonly home: string;
  readonly store: ObjectStore;
  readonly live: Pick<LiveState, 'office'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly versionLimits: VersionLimits;
  readonly reservations: Reservations;
}

/** Opens what an earlier life of the office has left of uploads, below `<home>/pushes/`. */
export async function openUploads(tools: UploadTools): Promise<Uploads> {
  const { store, live, clock, logger, versionLimits, reservations } = tools;
  const root = join(tools.home, 'pushes');
  const apps = new Map<string, Promise<AppUploads>>();
  const ready = new Map<string, AppUploads>();
  const keyOf = ({ office, app }: Place) => `${office}/${app}`;

  function uploadsOf(place: Place): Promise<AppUploads> {
    const key = keyOf(place);
    const known = apps.get(key);
    if (known !== undefined) return known;
    const opening = openAppUploads(join(root, key), place, reservations).then((opened) => {
      ready.set(key, opened);
      return opened;
    });
    opening.catch(() => apps.delete(key)); // asked again by the next push
    apps.set(key, opening);
    return opening;
  }

  const isIdle = (upload: OpenUpload, forMs: number) =>
    !upload.busy && clock.now() - upload.touchedAt >= forMs;

  async function sweep(): Promise<void> {
    for (const app of ready.values()) {
      const old = [...app.open.values()].filter((each) => isIdle(each, UPLOAD_LIFE_MS));
      if (old.length > 0 || app.open.size === 0) await app.end(old);
    }
  }
  const sweepLogged = () =>
    sweep().catch((error: unknown) => logger.warn({ err: error }, `old uploads stay: ${messageOf(error)}`));

  for (const office of await readdir(root).catch(() => [])) {
    for (const app of await readdir(join(root, office)).catch(() => [])) {
      const { open } = await uploadsOf({ office, app });
      await sweepLogged();
      if (open.size > 0) continue;
      apps.delete(keyOf({ office, app }));
      ready.delete(keyOf({ office, app }));
      await rm(join(root, office, app), { recursive: true, force: true });
    }
  }
  const timer = setInterval(sweepLogged, SWEEP_EVERY_MS).unref();

  function find(place: Place, id: string): { readonly app: AppUploads; readonly upload: OpenUpload } {
    const app = ready.get(keyOf(place));
    const upload = app?.open.get(id);
    if (app === undefined || upload === undefined) throw unknown(id);
    return { app, upload };
  }

  function standingOf(app: AppUploads, upload: OpenUpload): UploadStanding {
    const { id, missing, length, touchedAt } = upload;
    return {
      ...{ id, missing, length },
      offset: app.contents.offsetIn(missing),
      expiresAt: touchedAt + UPLOAD_LIFE_MS,
    };
  }

  /** Finds room, if need be at the cost of uploads of the same app that nobody goes on with. @returns gives it back */
  async function roomFor(app: AppUploads, bytes: number): Promise<() => void> {
    const ofOffice = () =>
      [...ready.values()]
        .filter(({ place }) => place.office === app.place.office)
        .reduce((sum, { open }) => sum + open.size, 0);
    const reserve = () => {
      if (app.open.size >= MAX_OF_APP) throw tooMany('app', MAX_OF_APP);
      if (ofOffice() >= MAX_OF_OFFICE) throw tooMany('office', MAX_OF_OFFICE);
      checkQuota(live.office, app.place, bytes, versionLimits, reservations);
      return reservations.reserve(app.place, bytes);
    };
    try {
      return reserve();
    } catch (error) {
      const idle = [...app.open.values()].filter((each) => isIdle(each, IDLE_MS));
      if (!(error instanceof TabbifyError) || idle.length === 0) throw error;
      await app.end(idle);
      return reserve();
    }
  }

  return {
    async begin(place, files) {
      const bytes = checkFileList(files);
      const app = await uploadsOf(place);
      await sweepLogged();
      const earlier = await earlierContents(store, live.office, place);
      const missing = missingOf(files, (sha256) => earlier.has(sha256));
      const release = await roomFor(app, bytes);
      const upload: OpenUpload = {
        ...place,
        ...{ id: newId(), files, missing, length: lengthOf(missing) },
        ...{ begunAt: clock.now(), touchedAt: clock.now(), busy: false, release },
      };
      try {
        await app.add(upload);
      } catch (error) {
        await app.end([upload]).catch(() => {}); // the error says more
        throw error;
      }
      return standingOf(app, upload);
    },
    standing(place, id) {
      const { app, upload } = find(place, id);
      return standingOf(app, upload);
    },
    async receive(place, id, offset, source, signal) {
      const { app, upload } = find(place, id);
      while (app.writer !== null) {
        if (app.writer.id !== id) throw busy('another push of this app is sending');
        app.writer.stop.abort(takenOver());
        await app.writer.done;
      }
      if (upload.busy || !app.open.has(id)) throw busy('it is being published');
      const at = app.contents.offsetIn(upload.missing);
      if (offset !== at) throw offsetElsewhere(offset, at);
      const stop = new AbortController();
      const { promise: done, resolve } = Promise.withResolvers<void>();
      app.writer = { id, stop, done };
      upload.busy = true;
      const endWatch = watchProgress(
        () => app.contents.offsetIn(upload.missing),
        () => stop.abort(stalled(STALLED_MS)),
      );
      try {
        await app.contents.receive(upload.missing, offset, source, AbortSignal.any([signal, stop.signal]));
      } finally {
        endWatch();
        upload.busy = false;
        app.writer = null;
        resolve();
        await app.touch(upload, clock.now());
      }
      return standingOf(app, upload);
    },
    async publish(place, id, folder, publish) {
      const { app, upload } = find(place, id);
      if (upload.busy) throw busy('bytes are coming in for it, or it is being published');
      upload.busy = true;
      try {
        const earlier = await earlierContents(store, live.office, place);
        const lacking = await fillFolder(folder, upload.files, app.contents, (sha256) => {
          const key = earlier.get(sha256);
          return key === undefined ? null : store.stream(key);
        });
        if (lacking !== null) throw incomplete(lacking);
        const result = await publish(upload.files);
        // those that nobody has gone on with since this one began: it is what came after them
        const left = [...app.open.values()].filter((each) => !each.busy && each.touchedAt < upload.begunAt);
        await app.end([upload, ...left]).catch((error: unknown) => {
          logger.warn({ err: error, app: place.app }, `what was uploaded stays: ${messageOf(error)}`);
        });
        return result;
      } catch (error) {
        // the version that was made of it had other bytes: what is kept of it cannot be trusted
        if (error instanceof TabbifyError && error.code === 'content_mismatch') await app.end([upload]);
        throw error;
      } finally {
        upload.busy = false;
        if (app.open.has(id)) await app.touch(upload, clock.now());
      }
    },
    close() {
      clearInterval(timer);
      for (const { writer } of ready.values()) writer?.stop.abort(takenOver());
    },
  };
}

/** Calls when nothing has moved for two looks in a row. @returns ends the watch */
function watchProgress(at: () => number, onStalled: () => void): () => void {
  let last = at();
  const timer = setInterval(() => {
    const now = at();
    if (now === last) onStalled();
    last = now;
  }, STALLED_MS);
  return () => clearInterval(timer);
}
