import { mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_VALUE_BYTES, openSecretStore, type SecretStore } from './index.ts';

let home = '';
let store: SecretStore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-secrets-'));
  store = await openSecretStore({ home });
});
afterEach(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

const bytes = (text: string) => Buffer.from(text);
const asked = (name: string, change: object = {}) => ({
  ...{ tenant: 'default', name, actor: 'user:owner', requestId: null },
  ...change,
});
const reopen = async () => {
  await store.close();
  store = await openSecretStore({ home });
};
const valueIn = async (name: string, tenant = 'default') =>
  (await store.reveal(tenant, [name], 'supervisor:local', 'test')).get(name)?.value.toString() ?? null;
const fileOf = (name: string, tenant = 'default') => join(home, 'secrets', tenant, name);

/** Every byte below a folder. */
async function everything(folder: string): Promise<Buffer> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const read = files
    .filter((each) => each.isFile())
    .map((each) => readFile(join(each.parentPath, each.name)));
  return Buffer.concat(await Promise.all(read));
}

describe('the store of secrets', () => {
  test('gives back what was put in, to a host alone, and tells no more of it than what it is', async () => {
    const value = bytes('sk-ant-1234567890');
    const row = await store.register(asked('anthropic_api_key'), 'api-key', value);
    expect(row).toMatchObject({ name: 'anthropic_api_key', kind: 'api-key', version: 1, state: 'sealed' });
    expect(value.every((byte) => byte === 0)).toBe(true); // overwritten when it was sealed
    await reopen();
    expect(store.list('default')).toEqual([row]);
    expect(JSON.stringify(store.list('default'))).not.toContain('1234567890');
    expect(await valueIn('anthropic_api_key')).toBe('sk-ant-1234567890');
    expect((await everything(home)).includes('1234567890')).toBe(false);
    for (const file of ['master.key', 'secrets/audit.jsonl', 'secrets/default/anthropic_api_key@1.sealed']) {
      expect((await stat(join(home, file))).mode & 0o777).toBe(0o600);
    }
  });

  test('whatever is done to it, it holds what a plain map holds, also after each start', async () => {
    const name = fc.constantFrom('one', 'two', 'platform/model');
    const tenant = fc.constantFrom('default', 'acme');
    const step = fc.oneof(
      fc.record({
        do: fc.constant('register' as const),
        tenant,
        name,
        value: fc.uint8Array({ minLength: 1 }),
      }),
      fc.record({ do: fc.constant('rotate' as const), tenant, name, value: fc.uint8Array({ minLength: 1 }) }),
      fc.record({ do: fc.constant('remove' as const), tenant, name }),
      fc.record({ do: fc.constantFrom('reopen' as const, 'rotateMasterKey' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12, size: 'max' }), async (steps) => {
        const own = await mkdtemp(join(tmpdir(), 'tabbify-secrets-'));
        let tried = await openSecretStore({ home: own });
        const model = new Map<string, Buffer>();
        const versions = new Map<string, number>();
        try {
          for (const each of steps) {
            if (each.do === 'reopen') {
              await tried.close();
              tried = await openSecretStore({ home: own });
            } else if (!('tenant' in each)) {
              expect(await tried.rotateMasterKey('user:owner')).toBe(model.size);
            } else {
              const key = `${each.tenant} ${each.name}`;
              const request = asked(each.name, { tenant: each.tenant });
              const isThere = model.has(key);
              if (!('value' in each)) {
                const removing = tried.remove(request);
                if (!isThere) await expect(removing).rejects.toMatchObject({ code: 'secret_unknown' });
                else await removing;
                model.delete(key);
                continue;
              }
              const value = Buffer.from(each.value);
              const putting =
                each.do === 'register'
                  ? tried.register(request, 'file', Buffer.from(value))
                  : tried.rotate(request, Buffer.from(value));
              if (isThere !== (each.do === 'rotate')) {
                const code = isThere ? 'secret_exists' : 'secret_unknown';
                await expect(putting).rejects.toMatchObject({ code });
                continue;
              }
              const { version } = await putting;
              expect(version).toBe((versions.get(key) ?? 0) + 1); // never given twice
              versions.set(key, version);
              model.set(key, value);
            }
          }
          for (const office of ['default', 'acme']) {
            const names = tried.list(office).map((row) => row.name);
            const revealed = await tried.reveal(office, ['one', 'two', 'platform/model'], 'system', 'test');
            const held = [...model].filter(([key]) => key.startsWith(`${office} `));
            expect(names).toEqual(held.map(([key]) => key.split(' ')[1]).sort());
            expect(revealed.size).toBe(held.length);
            for (const [key, value] of held) {
              expect(revealed.get(key.split(' ')[1] ?? '')?.value.equals(value)).toBe(true);
            }
          }
          expect((await tried.audit.verify()).broken).toBeNull();
        } finally {
          await tried.close();
          await rm(own, { recursive: true, force: true });
        }
      }),
      { numRuns: 25 },
    );
  });

  test('a flipped bit anywhere in a file costs that secret and no other, and is named', async () => {
    await store.register(asked('spared'), 'token', bytes('spared value'));
    await store.register(asked('hit'), 'token', bytes('hit value'));
    const file = fileOf('hit@1.sealed');
    const whole = await readFile(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 2), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(whole);
        flipped[at] = flipped[at]! ^ (1 << bit);
        await writeFile(file, flipped);
        await reopen();
        expect(store.list('default').map(({ name, state }) => `${name} ${state}`)).toEqual([
          'hit damaged',
          'spared sealed',
        ]);
        await expect(valueIn('hit')).rejects.toMatchObject({
          code: 'secret_damaged',
          what: /The secret hit/,
        });
        expect(await valueIn('spared')).toBe('spared value');
        await expect(store.rotateMasterKey('user:owner')).rejects.toMatchObject({ code: 'secret_damaged' });
      }),
      { numRuns: 25 },
    );
    expect(await store.rotate(asked('hit'), bytes('anew'))).toMatchObject({ version: 2, state: 'sealed' });
    expect(await valueIn('hit')).toBe('anew');
  });

  test('a damaged one stays of the kind that it was, where that can still be read', async () => {
    await store.register(asked('tls_key'), 'file', Buffer.from([0, 1, 2]));
    const file = fileOf('tls_key@1.sealed');
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.replace('"box":"', '"box":"AAAA'));
    await reopen();
    expect(store.list('default')).toMatchObject([{ name: 'tls_key', kind: 'file', state: 'damaged' }]);
    expect(await store.rotate(asked('tls_key'), Buffer.from([0, 255]))).toMatchObject({
      kind: 'file',
      version: 2,
    });
  });

  test('what was sealed for one place does not open in another, nor under the number of another version', async () => {
    await store.register(asked('mine'), 'token', bytes('mine'));
    await store.register(asked('other', { tenant: 'acme' }), 'token', bytes('other'));
    const { check: _, ...record } = JSON.parse(await readFile(fileOf('mine@1.sealed'), 'utf8'));
    const { createHash } = await import('node:crypto');
    for (const [place, name] of [
      [{ tenant: 'acme', name: 'mine', version: 1 }, 'mine'],
      [{ tenant: 'acme', name: 'other', version: 2 }, 'other'],
    ] as const) {
      const moved = { ...record, ...place };
      const check = createHash('sha256').update(JSON.stringify(moved)).digest('hex');
      await writeFile(fileOf(`${name}@${place.version}.sealed`, 'acme'), JSON.stringify({ ...moved, check }));
      await reopen();
      await expect(valueIn(name, 'acme')).rejects.toMatchObject({ code: 'secret_damaged' });
    }
    expect(await valueIn('mine')).toBe('mine');
  });

  test('the same request is done once, and a later one is not undone by it', async () => {
    const first = asked('key', { requestId: 'r1' });
    await store.register(first, 'token', bytes('one'));
    expect(await store.register(first, 'token', bytes('one'))).toMatchObject({ version: 1 });
    await store.rotate(asked('key', { requestId: 'r2' }), bytes('two'));
    await store.rotate(asked('key', { requestId: 'r3' }), bytes('three'));
    expect(await readdir(fileOf(''))).toEqual(['key@3.sealed']); // what was replaced is gone
    await reopen();
    expect(await store.rotate(asked('key', { requestId: 'r2' }), bytes('two'))).toMatchObject({ version: 3 });
    expect(await valueIn('key')).toBe('three');
    await store.remove(asked('key', { requestId: 'r4' }));
    expect(await readdir(fileOf(''))).toEqual(['key@3.gone']);
    await store.remove(asked('key', { requestId: 'r4' }));
    await expect(store.remove(asked('key'))).rejects.toMatchObject({ code: 'secret_unknown' });
    expect(store.changes('default').map(({ type, version }) => `${type} ${version}`)).toEqual([
      'secret_registered 1',
      'secret_registered 2',
      'secret_registered 3',
      'secret_deleted 3',
    ]);
    await store.noted('default', new Set(store.changes('default').map(({ id }) => id)));
    await reopen();
    expect(store.changes('default')).toEqual([]);
    expect(await store.register(asked('key'), 'other', bytes('anew'))).toMatchObject({ version: 4 });
  });

  test('nothing is done, and no value comes out, that cannot be written to the audit first', async () => {
    await store.register(asked('key'), 'token', bytes('one'));
    await store.close();
    const audit = join(home, 'secrets/audit.jsonl');
    await rename(audit, `${audit}.whole`);
    await symlink('/dev/full', audit);
    store = await openSecretStore({ home });
    for (const work of [
      store.register(asked('more'), 'token', bytes('two')),
      store.rotate(asked('key'), bytes('two')),
      store.remove(asked('key')),
      store.reveal('default', ['key'], 'supervisor:local', 'test'),
      store.rotateMasterKey('user:owner'),
    ]) {
      await expect(work).rejects.toMatchObject({ code: 'audit_unwritable' });
    }
    await store.close();
    await rename(`${audit}.whole`, audit);
    store = await openSecretStore({ home });
    expect(store.list('default')).toMatchObject([{ name: 'key', version: 1 }]);
    expect(store.changes('default')).toHaveLength(1);
    expect(await valueIn('key')).toBe('one');
    expect((await store.audit.read('default', 9)).map(({ action }) => action)).toEqual([
      'registered',
      'revealed',
    ]);
  });

  test('refuses what cannot be a secret, saying what is wrong and nothing of the value', async () => {
    const tooLong = 'n'.repeat(129);
    const cases: [name: string, kind: string, value: Buffer, says: RegExp][] = [
      ['', 'token', bytes('planted'), /name of a secret/],
      ['../key', 'token', bytes('planted'), /name of a secret/],
      ['platform/a/b', 'token', bytes('planted'), /name of a secret/],
      [tooLong, 'token', bytes('planted'), /name of a secret/],
      ['key', 'planted', bytes('planted'), /no kind that there is/],
      ['key', 'token', bytes(''), /no value/],
      ['key', 'token', bytes('planted\0'), /NUL/],
      ['key', 'token', Buffer.from([0xff, 0xfe]), /UTF-8/],
      ['key', 'file', Buffer.alloc(MAX_VALUE_BYTES + 1, 'planted'), /too large/],
    ];
    for (const [name, kind, value, says] of cases) {
      const error = await store.register(asked(name), kind, value).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'secret_invalid', message: expect.stringMatching(says) });
      expect(JSON.stringify([String(error), (error as { hint?: string }).hint])).not.toContain('planted');
    }
    await store.register(asked('Key'), 'file', Buffer.alloc(MAX_VALUE_BYTES, 1));
    await expect(store.register(asked('key'), 'token', bytes('x'))).rejects.toMatchObject({
      code: 'secret_exists',
    });
    expect(store.list('default')).toHaveLength(1);
  });
});
