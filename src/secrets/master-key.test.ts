import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecretStore } from './index.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-master-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const request = (name: string) => ({ tenant: 'default', name, actor: 'user:owner', requestId: null });
const keyFile = () => join(home, 'master.key');
const bytes = (text: string) => Buffer.from(text);
type Store = Awaited<ReturnType<typeof openSecretStore>>;
const valueIn = async (store: Store, name: string) =>
  (await store.reveal('default', [name], 'supervisor:local', 'test')).get(name)?.value.toString();

async function withStore<Result>(work: (store: Store) => Promise<Result>, options = {}): Promise<Result> {
  const store = await openSecretStore({ home, ...options });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

test('a master key that is missing, damaged or another one is said to be that, and put back it counts at once', async () => {
  await withStore((store) => store.register(request('key'), 'token', bytes('value')));
  const whole = await readFile(keyFile(), 'utf8');
  const other = Buffer.alloc(32, 7).toString('base64');
  const flipped = whole.replace(/ (.)/, (_, first: string) => ` ${first === 'A' ? 'B' : 'A'}`);
  for (const [content, code] of [
    [null, 'master_key_missing'],
    ['', 'master_key_damaged'],
    ['not a key\n', 'master_key_damaged'],
    [flipped, 'master_key_damaged'],
    [whole.slice(0, 40), 'master_key_damaged'],
    [other, 'master_key_wrong'],
  ] as const) {
    if (content === null) await rm(keyFile());
    else await writeFile(keyFile(), content);
    await withStore(async (store) => {
      expect(store.list('default')).toMatchObject([{ name: 'key', state: 'sealed' }]);
      await expect(valueIn(store, 'key')).rejects.toMatchObject({ code });
      await expect(store.rotate(request('key'), bytes('new'))).rejects.toMatchObject({ code });
      await expect(store.register(request('more'), 'token', bytes('new'))).rejects.toMatchObject({ code });
      await expect(store.rotateMasterKey('user:owner')).rejects.toMatchObject({ code });
      await expect(readFile(keyFile(), 'utf8').catch(() => null)).resolves.toBe(content); // never written over
      await writeFile(keyFile(), whole);
      expect(await valueIn(store, 'key')).toBe('value');
    });
  }
});

test('where the only secret is damaged no other key is made in the place of one that is missing', async () => {
  await withStore((store) => store.register(request('key'), 'token', bytes('value')));
  const file = join(home, 'secrets/default/key@1.sealed');
  const [sealed, key] = [await readFile(file), await readFile(keyFile())];
  await writeFile(file, 'nothing of use');
  await rm(keyFile());
  await withStore(async (store) => {
    for (const work of [
      store.rotate(request('key'), bytes('new')),
      store.register(request('more'), 'token', bytes('new')),
    ]) {
      await expect(work).rejects.toMatchObject({ code: 'master_key_missing' });
    }
  });
  await writeFile(file, sealed);
  await writeFile(keyFile(), key);
  await withStore(async (store) => expect(await valueIn(store, 'key')).toBe('value'));
});

test('a key of other tools serves, from where it is named; one that is not there is not made', async () => {
  const masterKeyFile = join(home, 'elsewhere');
  await withStore(
    async (store) => {
      await expect(store.register(request('key'), 'token', bytes('value'))).rejects.toMatchObject({
        code: 'master_key_missing',
        hint: expect.stringContaining('openssl rand'),
      });
      await writeFile(masterKeyFile, `${Buffer.alloc(32, 3).toString('hex')}\n`);
      await store.register(request('key'), 'token', bytes('value'));
      expect(await valueIn(store, 'key')).toBe('value');
    },
    { masterKeyFile },
  );
});

test('the master key is replaced while secrets are put in and given out, and the old one opens nothing', async () => {
  await withStore(async (store) => {
    for (let n = 0; n < 5; n += 1) await store.register(request(`key${n}`), 'token', bytes(`value ${n}`));
    const old = await readFile(keyFile());
    const [count, ...values] = await Promise.all([
      store.rotateMasterKey('user:owner'),
      ...[0, 1, 2, 3, 4].map((n) => valueIn(store, `key${n}`)),
      store.register(request('during'), 'token', bytes('during')).then(() => valueIn(store, 'during')),
    ]);
    expect(count).toBe(5);
    expect(values).toEqual(['value 0', 'value 1', 'value 2', 'value 3', 'value 4', 'during']);
    const now = await readFile(keyFile());
    expect(now.equals(old)).toBe(false);
    await rename(keyFile(), `${keyFile()}.new`);
    await writeFile(keyFile(), old);
  });
  await withStore(async (store) => {
    await expect(valueIn(store, 'key0')).rejects.toMatchObject({ code: 'master_key_wrong' });
    await rename(`${keyFile()}.new`, keyFile());
    expect(await valueIn(store, 'key0')).toBe('value 0');
  });
});

test('a key that cannot be replaced where it lies is left as it is', async () => {
  if (process.getuid?.() === 0) {
    const masterKeyFile = '/dev/null/key'; // no folder, for root as well
    await withStore(
      async (store) => {
        await expect(store.register(request('key'), 'token', bytes('v'))).rejects.toMatchObject({
          code: 'master_key_damaged',
        });
      },
      { masterKeyFile },
    );
    return;
  }
  const folder = await mkdtemp(join(home, 'mounted-'));
  const masterKeyFile = join(folder, 'key');
  await writeFile(masterKeyFile, Buffer.alloc(32, 3).toString('base64'));
  await chmod(folder, 0o500);
  await withStore(
    async (store) => {
      await store.register(request('key'), 'token', bytes('v'));
      await expect(store.rotateMasterKey('user:owner')).rejects.toMatchObject({ code: 'master_key_fixed' });
      expect(await valueIn(store, 'key')).toBe('v');
    },
    { masterKeyFile },
  );
  await chmod(folder, 0o700);
});

test('a change that was cut short keeps the old key for a damaged secret, which a copy of its file brings back', async () => {
  const file = join(home, 'secrets/default/a@1.sealed');
  await withStore(async (store) => {
    for (const name of ['a', 'b']) await store.register(request(name), 'token', bytes(`value ${name}`));
  });
  const whole = await readFile(file);
  await withStore(
    (store) => expect(store.rotateMasterKey('user:owner')).rejects.toMatchObject({ why: 'cut short' }),
    {
      atStep: (step: string) => {
        if (step === 'next key written') throw new Error('cut short');
      },
    },
  );
  await writeFile(file, whole.subarray(0, 40));
  await withStore(async (store) => expect(await valueIn(store, 'b')).toBe('value b'));
  await writeFile(file, whole);
  await withStore(async (store) => {
    expect([await valueIn(store, 'a'), await valueIn(store, 'b')]).toEqual(['value a', 'value b']);
  });
  await expect(readFile(`${keyFile()}.next`)).rejects.toMatchObject({ code: 'ENOENT' });
});
