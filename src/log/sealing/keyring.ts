import { createSecretKey, type KeyObject } from 'node:crypto';
import { messageOf } from '../../kit/index.ts';
import { logError } from '../errors.ts';
import {
  beginDestroying,
  createKeyFile,
  finishDestroying,
  type Generations,
  hashOfName,
  openKeyFiles,
  readKeyFile,
} from './key-files.ts';

/** One generation of a key. */
export interface SealingKey {
  /** `<name>#<n>`, n ≥ 1: what stands in the envelope. */
  readonly sealedby: string;
  readonly secret: KeyObject;
}

/** What became of the key that an envelope names. `lost` is damage, never erasure. */
export type FoundKey =
  | { readonly kind: 'key'; readonly key: SealingKey }
  | { readonly kind: 'destroyed' }
  | { readonly kind: 'lost'; readonly why: string };

/** Keys under which bodies are sealed, one file each. A name has one living generation at most; destroyed ones stay so. */
export interface Keyring {
  /**
   * Runs `work` with the living key of a name, which is made when there is none; the key is not destroyed meanwhile.
   *
   * @throws TabbifyError `log_unavailable` when the key is damaged or cannot be made
   */
  use<Result>(name: string, work: (key: SealingKey) => Promise<Result>): Promise<Result>;
  /** The key that an envelope's `sealedby` names. */
  find(sealedby: string): Promise<FoundKey>;
  /** The same without waiting; null when it would have to look on disk. */
  known(sealedby: string): FoundKey | null;
  /**
   * Destroys the living key of a name once nobody uses it; what comes later gets a new generation.
   *
   * @returns how many keys were destroyed: 0 or 1
   * @throws TabbifyError `log_unavailable` when the disk refuses; it may be asked for again
   */
  destroy(name: string): Promise<number>;
  /** How many keys of a name live: 0 or 1. */
  living(name: string): number;
}

/** Keys held in memory; one is about 200 bytes. */
const HELD_KEYS = 10_000;

/** A name in use or with a history. */
interface Entry extends Generations {
  /** The living key, read or made once. */
  key?: Promise<SealingKey> | undefined;
  held?: SealingKey | undefined;
  users: number;
  /** The last one is destroyed, and not overwritten yet: the disk refused. */
  unfinished?: boolean;
  destroying?: Promise<number> | undefined;
  /** Called when the last user has gone. */
  idle?: (() => void) | undefined;
}

/**
 * Opens the keys kept in a directory, which is made (0700) if it is missing. One process at a time: the one that has
 * the log.
 *
 * @throws the file system's error
 */
export async function openKeyring(directory: string): Promise<Keyring> {
  const entries = new Map<string, Entry>();
  for (const [hash, generations] of await openKeyFiles(directory)) {
    entries.set(hash, { ...generations, users: 0 });
  }
  /** Entries whose key is held, by name, the one that was read longest ago first. */
  const holding = new Map<string, Entry>();
  const entryOf = (name: string) => holding.get(name) ?? entries.get(hashOfName(name));

  function hold(entry: Entry, name: string, key: SealingKey): void {
    entry.held = key;
    holding.set(name, entry);
    if (holding.size <= HELD_KEYS) return;
    const [oldest] = holding;
    if (oldest !== undefined) release(...oldest);
  }

  function release(name: string, entry: Entry): void {
    holding.delete(name);
    entry.held = undefined;
    entry.key = undefined;
  }

  /** The living key; `make` it when there is none. */
  function keyOf(entry: Entry, name: string, make: boolean): Promise<SealingKey> {
    if (entry.key !== undefined) return entry.key;
    const generation = entry.live || entry.gone + 1;
    const bytes = make && entry.live === 0 ? createKeyFile : readKeyFile;
    const key = bytes(directory, name, generation)
      .then((secret) => {
        if (generation <= entry.gone) throw new Error('its key was destroyed meanwhile');
        entry.live = generation;
        const made = { sealedby: `${name}#${generation}`, secret: createSecretKey(secret) };
        secret.fill(0);
        hold(entry, name, made);
        return made;
      })
      .catch((error: unknown) => {
        if (entry.key === key) entry.key = undefined; // the disk may be mended
        throw error;
      });
    entry.key = key;
    return key;
  }

  async function destroyed(entry: Entry, name: string): Promise<number> {
    if (entry.users > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      entry.idle = resolve;
      await promise;
    }
    const hash = hashOfName(name);
    const destroyed = entry.live === 0 ? 0 : 1;
    try {
      if (entry.live !== 0) {
        await beginDestroying(directory, hash, entry.live);
        entry.gone = entry.live;
        entry.live = 0;
        entry.unfinished = true;
        release(name, entry);
      }
      if (entry.unfinished) await finishDestroying(directory, hash, entry.gone);
      entry.unfinished = false;
    } catch (cause) {
      throw unavailable('A key cannot be destroyed', cause, 'Mend the disk, then erase again');
    }
    return destroyed;
  }

  function known(sealedby: string): FoundKey | null {
    const { name, generation } = partsOf(sealedby);
    const entry = entryOf(name);
    if (entry === undefined || generation === 0 || generation > Math.max(entry.live, entry.gone)) {
      return { kind: 'lost', why: 'its key is away' };
    }
    // A generation is made only after the one before it was destroyed.
    if (generation <= entry.gone || generation < entry.live) return { kind: 'destroyed' };
    return entry.held?.sealedby === sealedby ? { kind: 'key', key: entry.held } : null;
  }

  return {
    known,
    async find(sealedby) {
      const now = known(sealedby);
      if (now !== null) return now;
      const { name } = partsOf(sealedby);
      const entry = entryOf(name);
      try {
        if (entry !== undefined) await keyOf(entry, name, false);
      } catch (error) {
        const { kind } = known(sealedby) ?? {};
        return kind === 'destroyed' ? { kind } : { kind: 'lost', why: messageOf(error) };
      }
      return known(sealedby) ?? { kind: 'lost', why: 'its key is away' };
    },
    async use(name, work) {
      const entry = entryOf(name) ?? { live: 0, gone: 0, users: 0 };
      if (!holding.has(name)) entries.set(hashOfName(name), entry);
      while (entry.destroying !== undefined) await entry.destroying.catch(() => {}); // told to who asked for it
      entry.users++;
      try {
        const key = await keyOf(entry, name, true).catch((cause: unknown) => {
          throw unavailable(
            'The event cannot be sealed',
            cause,
            needsRoom(cause)
              ? 'Make room on the disk of the office’s home, then send it again with the same id'
              : 'Put the key back from a backup, or erase the subject',
          );
        });
        return await work(key);
      } finally {
        entry.users--;
        if (entry.users === 0) entry.idle?.();
      }
    },
    living: (name) => ((entryOf(name)?.live ?? 0) === 0 ? 0 : 1),
    async destroy(name) {
      const entry = entryOf(name);
      if (entry === undefined) return 0;
      entry.destroying ??= destroyed(entry, name).finally(() => {
        entry.destroying = undefined;
        entry.idle = undefined;
      });
      return entry.destroying;
    },
  };
}

/** The generation stands after the last `#`; a name may hold others. */
function partsOf(sealedby: string): { readonly name: string; readonly generation: number } {
  const at = sealedby.lastIndexOf('#');
  return { name: sealedby.slice(0, Math.max(at, 0)), generation: Number(sealedby.slice(at + 1)) || 0 };
}

/** A new key could not be written: the disk, or the user's quota, is full. */
function needsRoom(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

function unavailable(what: string, cause: unknown, hint: string) {
  return logError('log_unavailable', { what, why: messageOf(cause), hint, cause });
}
