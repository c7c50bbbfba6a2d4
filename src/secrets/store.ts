import { createHash } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretKind } from '../app/index.ts';
import { type Clock, isoNow, messageOf, newId, systemClock, TabbifyError } from '../kit/index.ts';
import { LogHeld, lockLog } from '../log/index.ts';
import { type Audit, type AuditEntry, openAudit } from './audit.ts';
import { secretsError } from './errors.ts';
import { createMasterKeys, type MasterKeys } from './master-keys.ts';
import { checkKind, checkName, checkRoom, checkValue } from './rules.ts';
import { open, rewrap, seal } from './sealing.ts';
import {
  type FoundSecret,
  readSecretFiles,
  removeSecretFile,
  type SecretChange,
  type SecretFile,
  writeSecretFile,
} from './secret-files.ts';

/** What may be told of a secret; nothing of its value, not even its length. */
export interface SecretRow {
  readonly name: string;
  /** Null: the file is damaged and does not say. */
  readonly kind: SecretKind | null;
  readonly version: number;
  readonly createdAt: string | null;
  readonly createdBy: string | null;
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
  /** `damaged`: its value is lost on disk; a new one can be put in its place. */
  readonly state: 'sealed' | 'damaged';
}

/** Who wants something of which secret. */
export interface SecretRequest {
  /** Slug of the office. */
  readonly tenant: string;
  readonly name: string;
  readonly actor: string;
  /** What a repeat of the same request has again; null: every one is a new one. */
  readonly requestId: string | null;
}

export interface RevealedSecret {
  readonly kind: SecretKind;
  readonly version: number;
  /** To be overwritten by whoever asked, when it is used. */
  readonly value: Buffer;
}

/** The store of secrets: they go in, and come out for a host that starts an app, never through the API (CONTRACTS §11). */
export interface SecretStore {
  list(tenant: string): SecretRow[];
  /** @param value is overwritten @throws secret_exists, secret_invalid, secrets_full, master_key_… */
  register(request: SecretRequest, kind: string, value: Uint8Array): Promise<SecretRow>;
  /** Puts another value in the place of the one there is. @param value is overwritten @throws secret_unknown … */
  rotate(request: SecretRequest, value: Uint8Array): Promise<SecretRow>;
  /** @throws secret_unknown */
  remove(request: SecretRequest): Promise<void>;
  /**
   * Values of those of the names that there are. Audited before the first is opened, also what there is not.
   *
   * @param purpose in words, for the audit
   * @throws secret_damaged naming the one that does not open; audit_unwritable; master_key_…
   */
  reveal(
    tenant: string,
    names: readonly string[],
    actor: string,
    purpose: string,
  ): Promise<Map<string, RevealedSecret>>;
  /** Writes down that a host asked for what it may not have. @throws audit_unwritable */
  refused(tenant: string, names: readonly string[], actor: string, purpose: string): Promise<void>;
  /** Makes a new master key and puts every secret under it, while all goes on. @returns how many there were */
  rotateMasterKey(actor: string): Promise<number>;
  /** What happened to secrets of an office and the log has not heard of, oldest first. */
  changes(tenant: string): SecretChange[];
  /** The log has heard of these. */
  noted(tenant: string, ids: ReadonlySet<string>): Promise<void>;
  readonly audit: Pick<Audit, 'read' | 'since' | 'verify'>;
  close(): Promise<void>;
}

export interface SecretStoreOptions {
  /** `TABBIFY_HOME`; the store is `secrets/` in it. */
  readonly home: string;
  /** `TABBIFY_MASTER_KEY_FILE`; default `master.key` of the home, which is made with the first secret. */
  readonly masterKeyFile?: string;
  readonly clock?: Clock;
  /** For tests: called between any two steps that a crash may come between. */
  readonly atStep?: (step: string) => void | Promise<void>;
}

/** Requests by which a repeat is recognised, for each secret. */
const REMEMBERED = 16;

/**
 * Opens the store of a home for this process alone. The lock is the system's: it ends with the process, however that dies.
 *
 * @throws secrets_in_use, audit_unwritable, secrets_unavailable
 */
export async function openSecretStore(options: SecretStoreOptions): Promise<SecretStore> {
  const { home, clock = systemClock, atStep = () => {} } = options;
  const directory = join(home, 'secrets');
  const unlock = await locked(directory);
  let audit: Audit | null = null;
  try {
    const found = await readSecretFiles(directory);
    audit = await openAudit(join(directory, 'audit.jsonl'), clock);
    const keys = createMasterKeys(options.masterKeyFile ?? join(home, 'master.key'), {
      mayMake: options.masterKeyFile === undefined,
      atStep,
    });
    const store = createStore({ directory, found, audit, keys, clock, atStep, unlock });
    await store.finish();
    return store;
  } catch (error) {
    await audit?.close();
    unlock();
    throw unavailable(error);
  }
}

interface Parts {
  readonly directory: string;
  readonly found: readonly FoundSecret[];
  readonly audit: Audit;
  readonly keys: MasterKeys;
  readonly clock: Clock;
  readonly atStep: (step: string) => void | Promise<void>;
  readonly unlock: () => void;
}

function createStore({ directory, found, audit, keys, clock, atStep, unlock }: Parts) {
  const known = new Map(found.map((secret) => [keyOf(secret.tenant, secret.name), secret]));
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: each sees what those before it did. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(async () => {
      if (isClosed) throw closed();
      return await work().catch((error: unknown) => {
        throw unavailable(error);
      });
    });
    last = result.catch(() => {});
    return result;
  }

  async function write(file: SecretFile): Promise<void> {
    const before = known.get(keyOf(file.tenant, file.name));
    await atStep('before write');
    await writeSecretFile(directory, file);
    known.set(keyOf(file.tenant, file.name), {
      tenant: file.tenant,
      name: file.name,
      version: file.version,
      isGone: file.sealed === null,
      kind: file.kind,
      file,
    });
    await atStep('written');
    if (before === undefined) return;
    // a damaged one may be either
    for (const kind of ['sealed', 'gone'] as const) {
      const isNow = before.version === file.version && kind === (file.sealed === null ? 'gone' : 'sealed');
      if (!isNow) await removeSecretFile(directory, before, kind);
    }
    await atStep('cleared');
  }

  const saysKeyIds = () =>
    new Set([...known.values()].flatMap(({ file }) => (file?.sealed ? [file.sealed.keyId] : [])));
  const isLive = ({ isGone }: FoundSecret) => !isGone;
  const isLost = (each: FoundSecret) => isLive(each) && each.file === null;
  /** The key for what is sealed now; made when there is nothing yet that could need another. */
  const master = () => keys.current(saysKeyIds(), ![...known.values()].some(isLive));
  const inOffice = (tenant: string) => [...known.values()].filter((each) => each.tenant === tenant);

  async function put(
    { tenant, name, actor, requestId }: SecretRequest,
    action: 'registered' | 'rotated',
    kind: SecretKind,
    value: Uint8Array,
  ): Promise<SecretRow> {
    checkValue(kind, value);
    const before = known.get(keyOf(tenant, name));
    const version = (before?.version ?? 0) + 1;
    const { bytes, id: keyId } = await master();
    await audit.append([entryOf(action, { tenant, name, actor }, version)]);
    await atStep('audited');
    const time = isoNow(clock);
    const { wrapped, box } = seal(bytes, { tenant, name, version }, value);
    const isNew = action === 'registered' || !before?.file;
    const file: SecretFile = {
      ...{ tenant, name, version, kind },
      createdAt: isNew ? time : (before?.file?.createdAt ?? time),
      createdBy: isNew ? actor : (before?.file?.createdBy ?? actor),
      updatedAt: time,
      updatedBy: actor,
      sealed: { wrapped, box, keyId },
      requests: remembered(before, requestId, version),
      changes: [
        ...(before?.file?.changes ?? []),
        { id: newId(), type: 'secret_registered', name, kind, version, actor, time },
      ],
    };
    await write(file);
    return rowOf({ ...file, file });
  }

  /** Did this very request make the version that there is, or one before it? */
  function doneBefore({ tenant, name, requestId }: SecretRequest): boolean {
    const requests = known.get(keyOf(tenant, name))?.file?.requests ?? [];
    return requestId !== null && requests.some(({ id }) => id === hashed(requestId));
  }

  return {
    list: (tenant: string) =>
      inOffice(tenant)
        .filter(isLive)
        .map(rowOf)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),

    register: (request: SecretRequest, kind: string, value: Uint8Array) =>
      inTurn(async () => {
        const { tenant, name } = request;
        checkName(tenant, name);
        checkKind(kind);
        const there = known.get(keyOf(tenant, name));
        if (there !== undefined && isLive(there)) {
          if (doneBefore(request)) return rowOf(there);
          throw exists(name);
        }
        const live = inOffice(tenant).filter(isLive);
        // on some systems their files would be one
        const alike = live.find((each) => each.name.toLowerCase() === name.toLowerCase());
        if (alike !== undefined) throw exists(alike.name);
        checkRoom(live.length);
        return await put(request, 'registered', kind, value);
      }).finally(() => value.fill(0)),

    rotate: (request: SecretRequest, value: Uint8Array) =>
      inTurn(async () => {
        const there = known.get(keyOf(request.tenant, request.name));
        if (there === undefined || !isLive(there)) throw unknown();
        if (doneBefore(request)) return rowOf(there);
        return await put(request, 'rotated', there.kind ?? 'other', value);
      }).finally(() => value.fill(0)),

    remove: (request: SecretRequest) =>
      inTurn(async () => {
        const { tenant, name, actor } = request;
        const there = known.get(keyOf(tenant, name));
        if (there !== undefined && !isLive(there) && doneBefore(request)) return;
        if (there === undefined || !isLive(there)) throw unknown();
        await audit.append([entryOf('deleted', request, there.version)]);
        await atStep('audited');
        const time = isoNow(clock);
        const kind = there.kind ?? 'other';
        const { version } = there;
        await write({
          ...{ tenant, name, version, kind },
          createdAt: there.file?.createdAt ?? time,
          createdBy: there.file?.createdBy ?? actor,
          updatedAt: time,
          updatedBy: actor,
          sealed: null,
          requests: remembered(there, request.requestId, version),
          changes: [
            ...(there.file?.changes ?? []),
            { id: newId(), type: 'secret_deleted', name, kind, version, actor, time },
          ],
        });
      }),

    reveal: (tenant: string, names: readonly string[], actor: string, purpose: string) =>
      inTurn(async () => {
        const found = new Map(
          [...new Set(names)].map((name) => {
            const there = known.get(keyOf(tenant, name));
            return [name, there !== undefined && isLive(there) ? there : null];
          }),
        );
        const entries = [...found].map(([name, there]) => ({
          ...entryOf('revealed', { tenant, name, actor }, there?.version ?? 0),
          purpose,
        }));
        if (entries.length > 0) await audit.append(entries);
        const wanted = [...found.values()].filter((there) => there !== null);
        await atStep('audited');
        const values = new Map<string, RevealedSecret>();
        for (const secret of wanted) {
          const sealed = secret.file?.sealed ?? null;
          if (secret.file === null || sealed === null) throw damaged(secret.name);
          const { bytes } = await keys.of(sealed.keyId);
          const value = open(bytes, secret, sealed);
          if (value === null) throw damaged(secret.name);
          values.set(secret.name, { kind: secret.file.kind, version: secret.version, value });
        }
        return values;
      }),

    refused: (tenant: string, names: readonly string[], actor: string, purpose: string) =>
      inTurn(() =>
        audit.append(names.map((name) => ({ ...entryOf('refused', { tenant, name, actor }, 0), purpose }))),
      ),

    async rotateMasterKey(actor: string) {
      await inTurn(async () => {
        await master();
        // put back from a copy later it would need the old key
        const lost = [...known.values()].find(isLost);
        if (lost !== undefined) throw damaged(lost.name);
        await audit.append([entryOf('master_key_rotated', { tenant: '', name: '', actor }, 0)]);
        await atStep('audited');
        await keys.begin();
      });
      return await rewrapAll();
    },

    changes: (tenant: string) =>
      inOffice(tenant)
        .flatMap(({ file }) => file?.changes ?? [])
        .sort((a, b) => (a.time === b.time ? a.version - b.version : a.time < b.time ? -1 : 1)),

    noted: (tenant: string, ids: ReadonlySet<string>) =>
      inTurn(async () => {
        for (const { file } of inOffice(tenant)) {
          if (file === null || !file.changes.some(({ id }) => ids.has(id))) continue;
          await write({ ...file, changes: file.changes.filter(({ id }) => !ids.has(id)) });
        }
      }),

    audit: { read: audit.read, since: audit.since, verify: audit.verify },

    /** Ends a change of the master key that was cut short. */
    async finish() {
      if (!(await inTurn(() => keys.isChanging()))) return;
      // One that cannot be ended now is no reason not to open: both keys stay, and whoever needs one is told what is wrong.
      await rewrapAll().catch(() => {});
    },

    async close() {
      const before = last;
      last = last.then(() => {
        isClosed = true;
      });
      await before;
      await last;
      keys.forget();
      await audit.close();
      unlock();
    },
  };

  /**
   * Puts what is under another key under the newest, each in a turn of its own: others come in between, and each file is replaced as
   * a whole, so it may be cut short anywhere.
   */
  async function rewrapAll(): Promise<number> {
    let count = 0;
    for (const key of [...known.keys()]) {
      await inTurn(async () => {
        const file = known.get(key)?.file;
        if (!file?.sealed) return;
        count += 1;
        const to = await master();
        const from = file.sealed.keyId === to.id ? null : await keys.find(file.sealed.keyId);
        const sealed = from === null ? null : rewrap(from.bytes, to.bytes, file, file.sealed);
        if (sealed !== null) await write({ ...file, sealed: { ...sealed, keyId: to.id } });
      });
    }
    await inTurn(async () => {
      // one that is put back from a copy later needs the key that it was under
      if (![...known.values()].some(isLost)) await keys.end(saysKeyIds());
    });
    return count;
  }
}

function remembered(before: FoundSecret | undefined, requestId: string | null, version: number) {
  const requests = before?.file?.requests ?? [];
  return requestId === null ? requests : [...requests, { id: hashed(requestId), version }].slice(-REMEMBERED);
}

function hashed(requestId: string): string {
  return createHash('sha256').update(requestId).digest('hex').slice(0, 32);
}

function keyOf(tenant: string, name: string): string {
  return `${tenant} ${name}`;
}

function rowOf({ name, version, kind, file }: Omit<FoundSecret, 'tenant' | 'isGone'>): SecretRow {
  return {
    name,
    kind,
    version,
    createdAt: file?.createdAt ?? null,
    createdBy: file?.createdBy ?? null,
    updatedAt: file?.updatedAt ?? null,
    updatedBy: file?.updatedBy ?? null,
    state: file === null ? 'damaged' : 'sealed',
  };
}

function entryOf(
  action: AuditEntry['action'],
  { tenant, name, actor }: Pick<SecretRequest, 'tenant' | 'name' | 'actor'>,
  version: number,
): AuditEntry {
  return { action, tenant, name, version, actor, purpose: '' };
}

async function locked(directory: string): Promise<() => void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    return lockLog(join(directory, 'store'), process.pid);
  } catch (error) {
    if (!(error instanceof LogHeld)) throw unavailable(error);
    throw secretsError('secrets_in_use', {
      what: `The secrets in ${directory} are in use`,
      why: `process ${error.pid ?? '(unknown)'} has them open, and only one gateway may`,
      hint: 'Use the gateway that runs, or end it first: `tabbify down`',
      cause: error,
    });
  }
}

function exists(name: string) {
  return secretsError('secret_exists', {
    what: `The office has a secret ${name} already`,
    why: 'registering does not put another value in its place',
    hint: `Replace its value: \`tabbify secrets rotate ${name} --from-stdin\`; or choose another name`,
  });
}

function unknown() {
  return secretsError('secret_unknown', {
    what: 'The office has no secret of this name', // not repeated: it may be a value in the wrong place
    hint: 'See `tabbify secrets list`; register one with `tabbify secrets register <name> <kind> --from-stdin`',
  });
}

function damaged(name: string) {
  return secretsError('secret_damaged', {
    what: `The secret ${name} cannot be opened`,
    why: 'what lies on disk is not what was sealed; no other secret is affected',
    hint: `Put its value in again: \`tabbify secrets rotate ${name} --from-stdin\`; or put the file back from a copy`,
  });
}

function closed() {
  return secretsError('secrets_unavailable', {
    what: 'The secrets are closed',
    why: 'the gateway is stopping',
    hint: 'Ask again when the office runs',
  });
}

function unavailable(error: unknown): TabbifyError {
  if (error instanceof TabbifyError) return error;
  return secretsError('secrets_unavailable', {
    what: 'The secrets cannot be reached',
    why: messageOf(error),
    hint: 'Look at the disk and the rights of the home’s folder `secrets`; nothing was lost',
    cause: error,
  });
}
