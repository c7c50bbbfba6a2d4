import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, syncDirectory } from '../kit/index.ts';
import { secretsError } from './errors.ts';
import { type MasterKey, newMasterKey, readMasterKey, writeMasterKey } from './master-key.ts';

/** The master key, and for as long as it is being replaced the next one beside it. */
export interface MasterKeys {
  /**
   * The key that new secrets go under: the next one while there is one.
   *
   * @param used ids of the keys that something is sealed under
   * @param mayBegin there is nothing that another key could be needed for: where none is, one is made
   * @throws master_key_missing, master_key_damaged, master_key_wrong
   */
  current(used: ReadonlySet<string>, mayBegin: boolean): Promise<MasterKey>;
  /** @throws as `current`: the key of this id, or what is wrong */
  of(id: string): Promise<MasterKey>;
  find(id: string): Promise<MasterKey | null>;
  isChanging(): Promise<boolean>;
  /** Makes the next key, durable when it resolves; `end` makes it the one. @throws master_key_fixed */
  begin(): Promise<void>;
  /** Puts the next key in the place of the old one, unless something is still under that. */
  end(used: ReadonlySet<string>): Promise<void>;
  /** Overwrites what is in memory. */
  forget(): void;
}

/**
 * The files of the master key. What could be read is kept in memory; what could not is looked for again at the next need, so
 * that a key that was put back counts without a restart.
 *
 * @param file the key; `<file>.next` is the one to come
 */
export function createMasterKeys(
  file: string,
  { mayMake, atStep }: { readonly mayMake: boolean; readonly atStep: (step: string) => void | Promise<void> },
): MasterKeys {
  const nextFile = `${file}.next`;
  let main: MasterKey | null = null;
  let next: MasterKey | null = null;
  let hasLookedForNext = false;

  async function load(): Promise<void> {
    main ??= await readMasterKey(file);
    if (hasLookedForNext) return;
    next = await readMasterKey(nextFile);
    if (next !== null && next.id === main?.id) next = null;
    hasLookedForNext = true;
  }

  const keys: MasterKeys = {
    async current(used, mayBegin) {
      await load();
      if (main === null && next === null && mayBegin && mayMake) {
        const made = newMasterKey();
        await atStep('before key');
        await writeMasterKey(file, made);
        await atStep('key written');
        main = made;
      }
      const found = next ?? main;
      if (found === null) throw missing(file, mayMake);
      const isKnown = used.size === 0 || [main, next].some((key) => key !== null && used.has(key.id));
      if (!isKnown) {
        const [other = ''] = used;
        const found = { bytes: main?.id ?? '' };
        main = null; // it may be mended without a restart
        hasLookedForNext = false;
        throw wrong(file, found.bytes, other);
      }
      return found;
    },
    async of(id) {
      const found = await keys.find(id);
      if (found !== null) return found;
      if (main === null) throw missing(file, mayMake);
      const mainId = main.id;
      main = null;
      hasLookedForNext = false;
      throw wrong(file, mainId, id);
    },
    async find(id) {
      await load();
      return [main, next].find((key) => key?.id === id) ?? null;
    },
    async isChanging() {
      try {
        await load();
      } catch {
        return false; // whoever needs it is told what is wrong
      }
      return next !== null;
    },
    async begin() {
      await load();
      if (next !== null) return; // one was cut short: it goes on with that
      const made = newMasterKey();
      await atStep('before next key');
      try {
        await writeMasterKey(nextFile, made);
      } catch (error) {
        throw secretsError('master_key_fixed', {
          what: 'The master key was not replaced',
          why: `${nextFile} cannot be written: ${messageOf(error)}`,
          hint: 'Keep the key where the gateway may write, or replace it there by hand while no secret is registered',
          cause: error,
        });
      }
      await atStep('next key written');
      next = made;
    },
    async end(used) {
      if (next === null || [...used].some((id) => id !== next?.id)) return;
      await rename(nextFile, file).catch((error: unknown) => {
        throw secretsError('master_key_fixed', {
          what: `The new master key could not take the place of ${file}`,
          why: messageOf(error),
          hint: `Every secret is under the key in ${nextFile} now: keep both until the next start has put it in place`,
          cause: error,
        });
      });
      await syncDirectory(dirname(file));
      await atStep('key replaced');
      main?.bytes.fill(0);
      main = next;
      next = null;
      await rm(nextFile, { force: true });
    },
    forget() {
      main?.bytes.fill(0);
      next?.bytes.fill(0);
      main = null;
      next = null;
      hasLookedForNext = false;
    },
  };
  return keys;
}

function missing(file: string, isOwn: boolean) {
  return secretsError('master_key_missing', {
    what: `The master key ${file} is not there`,
    why: 'without it no secret can be opened or sealed',
    hint: isOwn
      ? 'Put it back from your copy; nothing was changed, and the secrets open again as soon as it is there'
      : 'Write 32 random bytes there, e.g. with `openssl rand -base64 32`, or put it back from your copy',
  });
}

function wrong(file: string, found: string, needed: string) {
  return secretsError('master_key_wrong', {
    what: `The master key in ${file} is not the one that the secrets were sealed under`,
    why: `it is ${found}, they are under ${needed}`,
    hint: 'Put the right one back from your copy; nothing was changed, and the secrets open again as soon as it is there',
  });
}
