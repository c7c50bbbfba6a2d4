import { TabbifyError } from '../../kit/index.ts';
import { type BlobRef, type EventDraft, MAX_ENVELOPE_BYTES, type StoredEvent } from '../envelope.ts';
import { prepareDraft } from '../envelope-schema.ts';
import { logError } from '../errors.ts';
import type { AppendOptions, AppendResult, EventPage, KeptLog } from '../log-store.ts';
import { iterate } from '../watch.ts';
import type { FoundKey, Keyring } from './keyring.ts';
import { openThrough } from './opened-events.ts';
import { keyOfBlob, openBlob, sealBlob } from './sealed-blob.ts';
import { sealBody } from './sealed-body.ts';
import { watchOpened } from './watch-opened.ts';

/** A log that seals what it is told to, and hands it out opened. */
export interface SealedLog extends KeptLog {
  /**
   * Destroys the key of a name: all that was sealed under it is erased at once, in copies of the log too. Its tombstones
   * are written by `erase`.
   *
   * @returns how many keys were destroyed: 0 or 1
   */
  destroyKey(name: string): Promise<number>;
  /** How many keys `destroyKey` would destroy. */
  livingKeys(name: string): number;
  /**
   * Stores a blob sealed under a key, for an event that is sealed under the same one. Digest and size are those of what
   * is stored.
   */
  putSealedBlob(tenant: string, bytes: Uint8Array, mediatype: string, sealUnder: string): Promise<BlobRef>;
  /** @throws TabbifyError `blob_missing` when its key was destroyed, `blob_damaged` when it cannot be opened */
  readSealedBlob(tenant: string, digest: string): Promise<Uint8Array>;
}

/**
 * Puts a keyring before a log: bodies appended with `sealUnder` are stored encrypted, and readers find them opened. With
 * the key destroyed they find an erased event; with the key lost or damaged the position is among the damaged ones.
 */
export function sealedLog(log: KeptLog, keyring: Keyring): SealedLog {
  const open = openThrough(keyring);
  return {
    async append(draft, options = {}) {
      refuseSealed(draft);
      const { sealUnder, ...others } = options;
      return sealUnder === undefined
        ? log.append(draft, others)
        : appendSealed(log, keyring, draft, sealUnder, others);
    },
    async read(query) {
      return openedPage(await log.read(query), open);
    },
    subscribe: (query, signal) => iterate((arrived) => watchOpened(log, open, query, signal, arrived)),
    watch: (query, signal, arrived) => watchOpened(log, open, query, signal, arrived),
    head: () => log.head(),
    putBlob: (tenant, bytes, mediatype) => log.putBlob(tenant, bytes, mediatype),
    readBlob: (tenant, digest) => log.readBlob(tenant, digest),
    close: () => log.close(),
    erase: (query) => log.erase(query),
    usage: () => log.usage(),
    sweepBlobs: () => log.sweepBlobs(),
    destroyKey: (name) => keyring.destroy(name),
    livingKeys: (name) => keyring.living(name),
    putSealedBlob: (tenant, bytes, mediatype, sealUnder) =>
      keyring.use(sealUnder, (key) => log.putBlob(tenant, sealBlob(tenant, bytes, key), mediatype)),
    async readSealedBlob(tenant, digest) {
      const stored = await log.readBlob(tenant, digest);
      const sealedby = keyOfBlob(stored) ?? '';
      const found: FoundKey = await keyring.find(sealedby);
      const bytes = found.kind === 'key' ? openBlob(tenant, stored, found.key) : null;
      if (bytes !== null) return bytes;
      throw found.kind === 'destroyed'
        ? logError('blob_missing', { what: `The blob ${digest} was erased`, why: 'its key was destroyed' })
        : logError('blob_damaged', {
            what: `The blob ${digest} cannot be opened`,
            why: found.kind === 'lost' ? found.why : 'it is not what was sealed under its key',
            hint: 'Put it or its key back from a backup',
          });
    },
  };
}

/** @throws what the store says of the sealed draft; a size is explained */
async function appendSealed(
  log: KeptLog,
  keyring: Keyring,
  draft: EventDraft,
  sealUnder: string,
  options: AppendOptions,
): Promise<AppendResult> {
  prepareDraft(draft); // what no store takes shall not make a key
  return keyring.use(sealUnder, async (key) => {
    try {
      return await log.append(sealBody(draft, key), options);
    } catch (error) {
      throw error instanceof TabbifyError && error.code === 'envelope_too_large'
        ? tooLarge(draft, error)
        : error;
    }
  });
}

function tooLarge(draft: EventDraft, cause: TabbifyError) {
  return logError('envelope_too_large', {
    what: `The ${draft.type} event is too large`,
    why: `its body is kept sealed, which takes a third more room: ${cause.why ?? `over ${MAX_ENVELOPE_BYTES} bytes`}`,
    hint: 'Store the data as a blob and append its digest, size and media type',
    cause,
  });
}

/** Only the log itself says what is sealed; a draft that says so would be opened with a key of its choice. */
function refuseSealed(draft: EventDraft): void {
  if (draft.sealedby === undefined) return;
  throw logError('envelope_invalid', {
    what: 'The event cannot be appended',
    why: '`sealedby`: the log alone sets it',
    hint: 'Say with the option `sealUnder` under which key the body is to be sealed',
  });
}

async function openedPage(page: EventPage, open: ReturnType<typeof openThrough>): Promise<EventPage> {
  if (page.events.every((event) => event.sealedby === undefined)) return page;
  const outcomes = await Promise.all(page.events.map((event) => open.now(event) ?? open.later(event)));
  const events: StoredEvent[] = [];
  const lost: number[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'damaged') lost.push(outcome.position);
    else events.push(outcome.event);
  }
  return { ...page, events, damaged: [...page.damaged, ...lost].sort((a, b) => a - b) };
}
