import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Keyring, openKeyring, type SealingKey } from './keyring.ts';

let home = '';
let directory = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-keys-'));
  directory = join(home, 'keys');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const NAME = 'default/integration/0191e7c2-1111-7222-8333-444455556666';
const keyOf = (ring: Keyring, name = NAME): Promise<SealingKey> => ring.use(name, async (key) => key);
const bytesOf = (key: SealingKey) => key.secret.export().toString('hex');

/** The one key file of a directory. */
async function keyFile(): Promise<string> {
  const [file = ''] = (await readdir(directory)).filter((name) => name.endsWith('.key'));
  return join(directory, file);
}

describe('a keyring', () => {
  test('makes one key per name, keeps it for the next start, and lets nobody else read it', async () => {
    const ring = await openKeyring(directory);
    const key = await keyOf(ring);
    expect(key.sealedby).toBe(`${NAME}#1`);
    expect(bytesOf(await keyOf(ring))).toBe(bytesOf(key));
    expect(bytesOf(await keyOf(ring, 'default/other'))).not.toBe(bytesOf(key));
    expect(bytesOf(await keyOf(await openKeyring(directory)))).toBe(bytesOf(key));

    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    const files = await readdir(directory);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(file).toMatch(/^[0-9a-f]{64}\.1\.key$/);
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    }
  });

  test('gives two creators at once one key, in one process and in two', async () => {
    const rings = await Promise.all([openKeyring(directory), openKeyring(directory), openKeyring(directory)]);
    const keys = await Promise.all(rings.flatMap((ring) => [keyOf(ring), keyOf(ring), keyOf(ring)]));
    expect(new Set(keys.map(bytesOf)).size).toBe(1);
    expect(await readdir(directory)).toHaveLength(1);
  });

  test('overwrites a key that it destroys, and never gives it again', async () => {
    const ring = await openKeyring(directory);
    const first = await keyOf(ring);
    const file = await keyFile();
    const secret = JSON.parse(await readFile(file, 'utf8')).key;
    expect(await ring.destroy(NAME)).toBe(1);
    expect(await ring.destroy(NAME)).toBe(0);
    expect(ring.known(first.sealedby)).toEqual({ kind: 'destroyed' });

    const second = await keyOf(ring);
    expect(second.sealedby).toBe(`${NAME}#2`);
    expect(bytesOf(second)).not.toBe(bytesOf(first));
    const reopened = await openKeyring(directory);
    expect(await reopened.find(first.sealedby)).toEqual({ kind: 'destroyed' });
    expect(await reopened.find(second.sealedby)).toMatchObject({ kind: 'key' });
    for (const name of await readdir(directory)) {
      expect(await readFile(join(directory, name), 'utf8')).not.toContain(secret);
    }
  });

  test('overwrites the very bytes on disk, for whoever still holds the file open', async () => {
    const ring = await openKeyring(directory);
    await keyOf(ring);
    const { open } = await import('node:fs/promises');
    const held = await open(await keyFile(), 'r');
    await ring.destroy(NAME);
    const { buffer, bytesRead } = await held.read(Buffer.alloc(4096), 0, 4096, 0);
    await held.close();
    expect(buffer.subarray(0, bytesRead).toString('utf8')).not.toContain('"key"');
  });

  test('ends a destruction that was cut short, and destroys a key that was put back from a copy', async () => {
    const ring = await openKeyring(directory);
    const { sealedby } = await keyOf(ring);
    const file = await keyFile();
    const copy = await readFile(file);

    await rm(file);
    await writeFile(file.replace(/key$/, 'erasing'), copy); // killed after the rename
    const second = await openKeyring(directory);
    expect(await second.find(sealedby)).toEqual({ kind: 'destroyed' });
    expect(await readdir(directory)).toEqual([expect.stringMatching(/\.1\.gone$/)]);

    await writeFile(file, copy);
    const third = await openKeyring(directory);
    expect(await third.find(sealedby)).toEqual({ kind: 'destroyed' });
    expect((await keyOf(third)).sealedby).toBe(`${NAME}#2`);
    for (const name of await readdir(directory)) {
      expect(await readFile(join(directory, name))).not.toEqual(copy);
    }
  });

  test('tells a key that is lost or damaged from one that was destroyed, and seals nothing under it', async () => {
    const { sealedby } = await keyOf(await openKeyring(directory));
    const file = await keyFile();
    const whole = await readFile(file);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 2), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(whole);
        flipped[at] = flipped[at]! ^ (1 << bit);
        await writeFile(file, flipped);
        const ring = await openKeyring(directory);
        expect((await ring.find(sealedby)).kind).toBe('lost');
        await expect(keyOf(ring)).rejects.toMatchObject({ code: 'log_unavailable' });
        await writeFile(file, whole); // mended without a restart
        expect((await ring.find(sealedby)).kind).toBe('key');
      }),
      { numRuns: 60 },
    );
    await rm(file);
    const ring = await openKeyring(directory);
    expect((await ring.find(sealedby)).kind).toBe('lost');
    for (const nonsense of ['', '#', 'x', 'x#0', `${NAME}#2`, `${NAME}#-1`]) {
      expect((await ring.find(nonsense)).kind, nonsense).toBe('lost');
    }
  });

  test('a destruction that the disk refused half-way holds, and asked again it is finished', async () => {
    const ring = await openKeyring(directory);
    const { sealedby } = await keyOf(ring);
    const file = await keyFile();
    const tombstone = file.replace(/key$/, 'gone');
    await mkdir(tombstone); // what stands in the way of the last step
    await expect(ring.destroy(NAME)).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(await ring.find(sealedby)).toEqual({ kind: 'destroyed' });
    await rm(tombstone, { recursive: true });
    await ring.destroy(NAME);
    expect(await readdir(directory)).toEqual([expect.stringMatching(/\.1\.gone$/)]);
    expect((await keyOf(ring)).sealedby).toBe(`${NAME}#2`);
  });

  test('a key whose file was lost can be destroyed', async () => {
    const ring = await openKeyring(directory);
    const { sealedby } = await keyOf(ring);
    await rm(await keyFile());
    expect(await ring.destroy(NAME)).toBe(1);
    expect(await ring.find(sealedby)).toEqual({ kind: 'destroyed' });
    expect(await (await openKeyring(directory)).find(sealedby)).toEqual({ kind: 'destroyed' });
  });

  test('a damaged key can be destroyed', async () => {
    const { sealedby } = await keyOf(await openKeyring(directory));
    await writeFile(await keyFile(), 'nothing of use');
    const ring = await openKeyring(directory);
    expect(await ring.destroy(NAME)).toBe(1);
    expect(await ring.find(sealedby)).toEqual({ kind: 'destroyed' });
  });

  test('waits with destroying until nobody uses the key, and whoever comes meanwhile gets the next one', async () => {
    const ring = await openKeyring(directory);
    const { promise: working, resolve: done } = Promise.withResolvers<void>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const user = ring.use(NAME, async (key) => {
      start();
      await working;
      return [key.sealedby, (await ring.find(key.sealedby)).kind];
    });
    await started;
    const destroying = ring.destroy(NAME);
    const late = keyOf(ring);
    // time in which it could have been destroyed
    for (let look = 0; look < 50; look++)
      expect(await readdir(directory)).toEqual([expect.stringMatching(/\.1\.key$/)]);
    done();
    expect(await user).toEqual([`${NAME}#1`, 'key']);
    expect(await destroying).toBe(1);
    expect((await late).sealedby).toBe(`${NAME}#2`);
  });

  test('removes what a killed writer left', async () => {
    await keyOf(await openKeyring(directory));
    const left = `${await keyFile()}.0191e7c2.tmp`;
    await writeFile(left, 'half a key');
    await utimes(left, 0, 0);
    await openKeyring(directory);
    expect(await readdir(directory)).toHaveLength(1);
  });
});
