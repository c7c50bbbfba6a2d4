import { setTimeout as wait } from 'node:timers/promises';
import { newId, TabbifyError } from '../../kit/index.ts';
import type { NodeClient } from '../client/node-client.ts';
import type { PublishedReply } from '../client/replies.ts';
import type { Announcement, UploadStanding } from '../client/uploads.ts';
import { cliError } from '../errors.ts';
import { type ContentSource, missingBytes } from './missing-bytes.ts';
import type { UploadTally } from './upload-tally.ts';

/** A line on which nothing moves for so long is given up and taken anew (milliseconds). */
const STALLED_MS = 30_000;
/** Without a byte that arrives for so long the push ends (milliseconds). */
const GIVE_UP_MS = 120_000;
const PAUSE_MS = { first: 250, most: 8_000 };

/** What another try may mend: the line is away, the office comes back, another push of the app is under way. */
const PASSING = new Set([
  'office_not_running',
  'upload_busy',
  'upload_offset',
  'upload_unknown',
  'upload_stalled',
  'upload_incomplete',
]);

export interface UploadOptions {
  /** The office's API anew: it may come back at another address. */
  readonly connect: () => Promise<NodeClient>;
  readonly tally: UploadTally;
  /** The manifest, as it is sent. */
  readonly manifest: Announcement['manifest'];
  /** The office takes it. */
  readonly begun: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it ends when nothing arrives. */
  readonly giveUpMs?: number;
}

/**
 * Publishes files by sending only what the office lacks, and goes on where it was when the line or the office breaks off: it asks how
 * much has arrived, and sends the rest.
 *
 * @throws TabbifyError `stopped` on an abort; `upload_cut_off` when nothing gets through; what the office refuses
 */
export async function uploadApp(
  client: NodeClient,
  uuid: string,
  source: ContentSource,
  options: UploadOptions,
): Promise<PublishedReply> {
  const { connect, tally, signal, manifest, giveUpMs = GIVE_UP_MS } = options;
  const push = { files: [...source.digests].map(([path, digest]) => ({ path, ...digest })), manifest };
  const key = newId();
  let api = client;
  let standing = await api.uploads.begin(uuid, push, signal);
  await options.begun();
  let furthest = standing.offset;
  let movedAt = performance.now();
  let pauseMs = PAUSE_MS.first;
  tally.begin(standing);
  for (;;) {
    try {
      if (standing.offset < standing.length) await sendRest(api, uuid, standing, source, tally, signal);
      tally.sent();
      return await api.uploads.publish(uuid, standing.id, key, signal);
    } catch (error) {
      if (signal?.aborted) throw stopped(tally);
      if (!isPassing(error)) throw error;
      if (error.code === 'upload_busy') movedAt = performance.now(); // it is the other one's turn, however long
      if (performance.now() - movedAt > giveUpMs) throw cutOff(error, tally);
      tally.pause(error);
    }
    try {
      await wait(pauseMs, undefined, signal === undefined ? {} : { signal });
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS.most);
      api = await connect();
      standing = await standingAgain(api, uuid, standing, push, signal);
      if (standing.offset > furthest) {
        furthest = standing.offset;
        movedAt = performance.now();
        pauseMs = PAUSE_MS.first;
      }
      tally.begin(standing);
    } catch (error) {
      if (signal?.aborted) throw stopped(tally);
      if (!isPassing(error)) throw error;
      if (performance.now() - movedAt > giveUpMs) throw cutOff(error, tally);
    }
  }
}

async function sendRest(
  api: NodeClient,
  uuid: string,
  standing: UploadStanding,
  source: ContentSource,
  tally: UploadTally,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { id, offset, missing } = standing;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALLED_MS);
  const bytes = missingBytes(source, missing, offset, (count) => {
    tally.taken(count);
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), STALLED_MS);
  });
  const either = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]);
  try {
    await api.uploads.send(uuid, id, offset, bytes, either);
  } catch (error) {
    if (!stalled.signal.aborted || signal?.aborted) throw error;
    throw cliError('office_not_running', {
      what: 'The upload stands still',
      why: `nothing has got through for ${STALLED_MS / 1000} s`,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** An upload that the office has given up is begun anew; it knows what it still has. */
async function standingAgain(
  api: NodeClient,
  uuid: string,
  { id }: UploadStanding,
  push: Announcement,
  signal: AbortSignal | undefined,
): Promise<UploadStanding> {
  try {
    return await api.uploads.standing(uuid, id, signal);
  } catch (error) {
    if (!(error instanceof TabbifyError) || error.code !== 'upload_unknown') throw error;
    return api.uploads.begin(uuid, push, signal);
  }
}

function isPassing(error: unknown): error is TabbifyError {
  return (
    error instanceof TabbifyError && (PASSING.has(error.code) || error.status === 502 || error.status === 503)
  );
}

function stopped(tally: UploadTally) {
  return cliError('stopped', {
    what: 'Stopped',
    why: `Ctrl-C was pressed; ${tally.arrived()}`,
    hint: 'Push again: it goes on where it was. What has arrived is kept for a day.',
  });
}

function cutOff(error: TabbifyError, tally: UploadTally) {
  return cliError('upload_cut_off', {
    what: 'The upload was cut off',
    why: `${error.message}; ${tally.arrived()}`,
    hint: 'Push again when the office can be reached: it goes on where it was. What has arrived is kept for a day.',
    cause: error,
  });
}
