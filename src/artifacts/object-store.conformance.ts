import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObjectStore } from './object-store.ts';

/** A store that a test has for itself, and what removes it. */
export interface OpenedStore {
  readonly store: ObjectStore;
  close(): Promise<void>;
}

/**
 * What every `ObjectStore` must do, run against one implementation.
 *
 * @param open makes an empty store
 */
export function objectStoreConformance(name: string, open: () => Promise<OpenedStore>): void {
  const with_ = (body: (store: ObjectStore) => Promise<void>) => async () => {
    const { store, close } = await open();
    try {
      await body(store);
    } finally {
      await close();
    }
  };
  const text = async (store: ObjectStore, key: string) => Buffer.from(await store.get(key)).toString();

  describe(`${name} as an object store`, () => {
    test(
      'an object reads back byte for byte, at once and as a stream',
      with_(async (store) => {
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (body) => {
            await store.put('some/key', body);
            expect(Buffer.from(await store.get('some/key'))).toEqual(Buffer.from(body));
            expect(await buffer(await store.stream('some/key'))).toEqual(Buffer.from(body));
          }),
          { numRuns: 20 },
        );
      }),
    );

    test(
      'a body may come as a stream of many pieces',
      with_(async (store) => {
        const pieces = Array.from({ length: 50 }, (_, index) => Buffer.alloc(50_000, index));
        await store.put('large', Readable.from(pieces));
        expect(await buffer(await store.stream('large'))).toEqual(Buffer.concat(pieces));
      }),
    );

    test(
      'a body that breaks off leaves the old object, and its own error comes out',
      with_(async (store) => {
        const broken = async function* () {
          yield Buffer.from('new');
          throw new Error('the line was cut');
        };
        await expect(store.put('key', Readable.from(broken()))).rejects.toThrow('the line was cut');
        await expect(store.get('key')).rejects.toMatchObject({ code: 'object_unknown' });
        await store.put('key', Buffer.from('old'));
        await expect(store.put('key', Readable.from(broken()))).rejects.toThrow('the line was cut');
        expect(await text(store, 'key')).toBe('old');
        expect(await store.list('')).toEqual(['key']);
      }),
    );

    test(
      'put replaces, putIfAbsent does not',
      with_(async (store) => {
        expect(await store.putIfAbsent('a/b', Buffer.from('one'))).toBe(true);
        expect(await store.putIfAbsent('a/b', Buffer.from('two'))).toBe(false);
        expect(await text(store, 'a/b')).toBe('one');
        await store.put('a/b', Buffer.from('three'));
        expect(await text(store, 'a/b')).toBe('three');
        expect(await store.putIfAbsent('a/b', Buffer.from('four'))).toBe(false);
      }),
    );

    test(
      'of many putIfAbsent at once exactly one wins, and its body stays',
      with_(async (store) => {
        const bodies = Array.from({ length: 16 }, (_, index) => `body ${index}`);
        const won = await Promise.all(bodies.map((body) => store.putIfAbsent('claim/1', Buffer.from(body))));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(await text(store, 'claim/1')).toBe(bodies[won.indexOf(true)]);
      }),
    );

    test(
      'an unknown key is told from an empty object',
      with_(async (store) => {
        await store.put('empty', new Uint8Array());
        expect(await store.get('empty')).toHaveLength(0);
        expect(await buffer(await store.stream('empty'))).toHaveLength(0);
        for (const key of ['nothing', 'no/thing', 'empt']) {
          await expect(store.get(key)).rejects.toMatchObject({ code: 'object_unknown', status: 404 });
          await expect(store.stream(key)).rejects.toMatchObject({ code: 'object_unknown' });
        }
      }),
    );

    test(
      'list gives every key that begins with the prefix, in the order of bytes',
      with_(async (store) => {
        const keys = [
          'apps/1/v1/x',
          'apps/1/v10/x',
          'apps/1/v2/.hidden',
          'apps/1/v2/Ä',
          'apps/1/v2/a b',
          'apps/2/x',
          'z',
        ];
        for (const key of keys.toReversed()) await store.put(key, Buffer.from(key));
        expect(await store.list('')).toEqual(
          keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
        expect(await store.list('apps/1/v1')).toEqual(['apps/1/v1/x', 'apps/1/v10/x']);
        expect(await store.list('apps/1/v1/')).toEqual(['apps/1/v1/x']);
        expect(await store.list('apps/1/v2/a')).toEqual(['apps/1/v2/a b']);
        expect(await store.list('nothing/')).toEqual([]);
      }),
    );

    test(
      'a deleted object is gone, and deleting it again is fine',
      with_(async (store) => {
        await store.put('a/b/c', Buffer.from('x'));
        await store.put('a/d', Buffer.from('y'));
        await store.delete('a/b/c');
        await store.delete('a/b/c');
        await store.delete('never/there');
        expect(await store.list('')).toEqual(['a/d']);
        expect(await store.putIfAbsent('a/b/c', Buffer.from('z'))).toBe(true);
      }),
    );

    test(
      'puts and deletes beside each other disturb nobody',
      with_(async (store) => {
        const busy = async (index: number) => {
          for (let round = 0; round < 10; round++) {
            await store.put(`shared/deep/${index}`, Buffer.from(String(round)));
            if (round < 9) await store.delete(`shared/deep/${index}`);
          }
        };
        await Promise.all([0, 1, 2, 3].map(busy));
        expect(await store.list('shared/')).toEqual([0, 1, 2, 3].map((index) => `shared/deep/${index}`));
      }),
    );

    const BAD_KEYS = [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../../b',
      'a/./b',
      'a\\b',
      'a\0b',
      'a\nb',
    ];
    test.each([...BAD_KEYS, '.incoming/x', 'x'.repeat(256), `${'x/'.repeat(520)}x`])(
      'the key %j is refused everywhere',
      async (key) => {
        await with_(async (store) => {
          const refusal = { code: 'object_key_invalid', status: 400 };
          await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject(refusal);
          await expect(store.putIfAbsent(key, Buffer.from('x'))).rejects.toMatchObject(refusal);
          await expect(store.get(key)).rejects.toMatchObject(refusal);
          await expect(store.stream(key)).rejects.toMatchObject(refusal);
          await expect(store.delete(key)).rejects.toMatchObject(refusal);
          expect(await store.list('')).toEqual([]);
        })();
      },
    );

    test(
      'a prefix that leaves the store is refused',
      with_(async (store) => {
        for (const prefix of ['../', '/', 'a/../../', 'a//', './']) {
          await expect(store.list(prefix)).rejects.toMatchObject({ code: 'object_key_invalid' });
        }
      }),
    );
  });
}
